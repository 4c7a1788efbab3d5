import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, Database } from '../connection/connection';
import type { Borrowed } from '../connection/idle-connections';
import { DatabaseUnavailable, RepositoryBusy } from '../connection/errors';

const LOCK_TIMEOUT_MS = 60_000;
/** A holder that is frozen, not dead, loses the lock after the first of these, since it misses the second. */
const SILENCE_MS = 30_000;
const PING_MS = 5_000;
const ANSWER_MS = 2_000;
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
  const connection = await locked(db, gitDir, timeoutMs);
  const lost = new AbortController();
  const whenLost = () => lost.abort(new DatabaseUnavailable(`the lock on ${gitDir} was lost: try again`));
  const unheard = connection.onEnd(whenLost);
  const ping = keepAwake(connection, whenLost);
  try {
    const result = await work(lost.signal);
    lost.signal.throwIfAborted();
    return result;
  } finally {
    clearInterval(ping);
    unheard();
    await free(connection, gitDir);
  }
}

/** A connection that holds the lock. */
async function locked(db: Database, gitDir: string, timeoutMs: number): Promise<Borrowed<Connection>> {
  for (;;) {
    const connection = await db.borrow();
    try {
      await acquire(connection, gitDir, timeoutMs);
      return connection;
    } catch (error) {
      await connection.end();
      // One that lay idle was cut meanwhile: there are fewer of them each time.
      if (!(connection.reused && error instanceof DatabaseUnavailable)) throw error;
    }
  }
}

/** A connection that ends frees the lock too, so one that is lost, or does not answer, is not asked for long. */
async function free(connection: Borrowed<Connection>, gitDir: string): Promise<void> {
  const [high, low] = repositoryKey(gitDir);
  const unlock = connection
    .query<{ freed: boolean }>('select pg_advisory_unlock($1, $2) as freed', [high, low])
    .then(
      ({ rows }) => rows[0]?.freed === true,
      () => false,
    );
  const freed = await Promise.race([unlock, sleep(ANSWER_MS, false, { ref: false })]);
  if (freed) connection.giveBack();
  else await connection.end();
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
