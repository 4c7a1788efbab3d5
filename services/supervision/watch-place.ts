import { setTimeout as sleep } from 'node:timers/promises';
import type { Reporter } from './reporter';

const LOOK_MS = 5_000;

/** Has the reporter look whether the home is still its supervisor's, again and again. Returns what ends that. */
export function watchPlace(reporter: Reporter): () => Promise<void> {
  const over = new AbortController();
  const watching = watch(reporter, over.signal);
  return () => {
    over.abort();
    return watching;
  };
}

async function watch(reporter: Reporter, signal: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await reporter.look().catch((error: unknown) => console.error(error));
  }
}
