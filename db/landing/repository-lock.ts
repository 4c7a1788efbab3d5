import { createHash } from 'node:crypto';
import type { Connection, Database } from '../connection/connection';
import { DatabaseUnavailable, RepositoryBusy } from '../connection/errors';

const LOCK_TIMEOUT_MS = 60_000;
/** A holder that is frozen, not dead, loses the lock after the first of these, since it misses the second. */
const SILENCE_MS = 30_000;
const PING_MS = 5_000;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Runs `work` while no other process, on any machine, is inside this function for the same repository. For short
 * sections; not reentrant. PostgreSQL frees the lock when the holder dies or freezes. If the connection is lost,
 * `signal` aborts, and this throws `DatabaseUnavailable` even if `work` returns. Throws `RepositoryBusy` after
 * 60 s of waiting.
 */
export async function withRepositoryLock<T>(
  db: Database,
  gitDir: string,
  work: (signal: AbortSignal) => Promise<T>,
  { timeoutMs = LOCK_TIMEOUT_MS } = {},
): Promise<T> {
  const connection = await db.connect();
  const lost = new AbortController();
  const whenLost = () => lost.abort(new DatabaseUnavailable(`the lock on ${gitDir} was lost: try again`));
  connection.onEnd(whenLost);
  let ping: NodeJS.Timeout | undefined;
  try {
    await acquire(connection, gitDir, timeoutMs);
    ping = keepAwake(connection, whenLost);
    const result = await work(lost.signal);
    lost.signal.throwIfAborted();
    return result;
  } finally {
    clearInterval(ping);
    // That frees the lock.
    await connection.end();
  }
}

async function acquire(connection: Connection, gitDir: string, timeoutMs: number): Promise<void> {
  try {
    await connection.query(
      `select set_config('lock_timeout', $1, false), set_config('idle_session_timeout', $2, false),
      set_config('application_name', 'yokeflow repository lock', false)`,
      [`${timeoutMs}ms`, `${SILENCE_MS}ms`],
    );
    await connection.query('select pg_advisory_lock($1, $2)', repositoryKey(gitDir));
  } catch (error) {
    if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) {
      const seconds = Math.round(timeoutMs / 1000);
      throw new RepositoryBusy(
        `another YokeFlow process has been working in ${gitDir} for over ${seconds} s: try again when it has ended`,
      );
    }
    throw error;
  }
}

function keepAwake(connection: Connection, whenLost: () => void): NodeJS.Timeout {
  let unanswered = 0;
  return setInterval(() => {
    unanswered++;
    if (unanswered * PING_MS >= SILENCE_MS) whenLost();
    else connection.query('select 1').then(() => (unanswered = 0), whenLost);
  }, PING_MS);
}

/** Two halves of a 64-bit hash, since a repository has no number of its own. */
export function repositoryKey(gitDir: string): [number, number] {
  const hash = createHash('sha256').update(gitDir).digest();
  return [hash.readInt32BE(0), hash.readInt32BE(4)];
}
