import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../db/connection/connection';
import { getSession } from '../../db/session/sessions';
import type { TemporalEndpoint } from '../../services';
import { settleEnded } from './settle-ended';

const LOOK_MS = 10_000;

/**
 * Runs `work`, which follows what a session writes until it is closed, and closes it meanwhile should its workflow have
 * been ended from outside: nobody else would, and `work` would go on for ever.
 */
export async function whileSettling<T>(
  { db, temporal, sessionId }: { db: Database; temporal: TemporalEndpoint; sessionId: number },
  work: () => Promise<T>,
  lookMs = LOOK_MS,
): Promise<T> {
  const over = new AbortController();
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const settle = async () => settleEnded(db, temporal, await getSession(db, sessionId));
      // A PostgreSQL that is away is for `work` to tell of.
      const session = await settle().catch(() => null);
      if (session && session.endedAt !== null) return;
      await sleep(lookMs, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  // It ends by itself; an answer of PostgreSQL that never comes is not waited for.
  void watch();
  try {
    return await work();
  } finally {
    over.abort();
  }
}
