import { setMaxListeners } from 'node:events';

/**
 * Gives `work` a signal that aborts with `signal` and is thrown away afterwards: Temporal's client leaves a listener
 * behind with every call to the server.
 */
export async function withOwnSignal<T>(
  signal: AbortSignal,
  work: (own: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const own = new AbortController();
  setMaxListeners(0, own.signal);
  const abort = () => own.abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await work(own.signal);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
