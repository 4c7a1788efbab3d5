import { setTimeout as sleep } from 'node:timers/promises';

const EVERY_MS = 10_000;

/** Looks after something again and again, beside the worker's other work. */
export function startRounds(look: () => Promise<void>): { stop(): Promise<void> } {
  const over = new AbortController();
  const untilOver = async () => {
    while (!over.signal.aborted) {
      await orSoon(look);
      await sleep(EVERY_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  const going = untilOver();
  return {
    async stop() {
      over.abort();
      await going;
    },
  };
}

/** PostgreSQL or Temporal may be away; the next look is soon. */
export const orSoon = (look: () => Promise<void>): Promise<void> => look().catch(() => undefined);
