import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../db/connection/connection';
import { getSession } from '../../db/session/sessions';
import type { TemporalEndpoint } from '../../services';
import { settleEnded } from './settle-ended';
import { workerPresence, type WorkerPresence } from './worker-presence';

const LOOK_MS = 10_000;

export interface Settling {
  db: Database;
  temporal: TemporalEndpoint;
  sessionId: number;
  env: NodeJS.ProcessEnv;
  /** Nobody does what the session asks for. Once, until somebody does. */
  onNoWorker: (worker: WorkerPresence) => void;
}

/**
 * Runs `work`, which follows what a session writes until it is closed, and closes it meanwhile should its workflow have
 * been ended from outside: nobody else would, and `work` would go on for ever. Tells of a session that has no worker.
 */
export async function whileSettling<T>(
  { db, temporal, sessionId, env, onNoWorker }: Settling,
  work: () => Promise<T>,
  lookMs = LOOK_MS,
): Promise<T> {
  const over = new AbortController();
  let told = false;
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const settle = async () => settleEnded(db, temporal, await getSession(db, sessionId));
      // A PostgreSQL that is away is for `work` to tell of.
      const session = await settle().catch(() => null);
      if (session && session.endedAt !== null) return;
      const worker = await workerPresence(env, temporal).catch(() => null);
      const none = worker?.kind === 'none' || worker?.kind === 'frozen';
      if (none && !told && !over.signal.aborted) onNoWorker(worker);
      told = none;
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
