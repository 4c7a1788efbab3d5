import { setHandler, type SignalDefinition } from '@temporalio/workflow';

/**
 * Takes a signal of ours. Anybody can send one from the Web UI, where an empty one is a click away: that says nothing,
 * and must not end a session.
 */
export function onSignal<T extends object>(
  signal: SignalDefinition<[T]>,
  description: string,
  take: (message: T) => void,
): void {
  const takeSome = (message: T | null | undefined) => {
    if (message) take(message);
  };
  setHandler(signal, takeSome, { description });
}
