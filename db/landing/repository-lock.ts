import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, Database } from '../connection/connection';
import type { Borrowed } from '../connection/idle-connections';
import { DatabaseUnavailable, RepositoryBusy } from '../connection/errors';

/** Each of them is longer than the one before. */
export const LOCK_TIMES_MS = {
  /** How long PostgreSQL may take to say that the lock is free. */
  answer: 2_000,
  /** How often the holder says that it is there. */
  ping: 5_000,
  /** A holder that gets no answer for so long stops its work: there is time for git to end before the lock is free. */
  givenUp: 20_000,
  /** A holder that says nothing for so long, frozen or out of reach, loses the lock: PostgreSQL frees it. */
  freed: 30_000,
  /** How long others wait: one that froze does not make them fail. */
  wait: 60_000,
};
type LockTimes = typeof LOCK_TIMES_MS;

const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Runs `work` while no other process, on any machine, is inside this function for the same repository. For short
 * sections; not reentrant. PostgreSQL frees the lock when the holder dies or freezes. If the connection is lost,
 * `signal` aborts, and this throws `DatabaseUnavailable` however `work` ends. Throws `RepositoryBusy` after 60 s of
 * waiting.
 */
export async function withRepositoryLock<T>(
  db: Database,
  gitDir: string,
  work: (signal: AbortSignal) => Promise<T>,
  given: Partial<LockTimes> = {},
): Promise<T> {
  const times = { ...LOCK_TIMES_MS, ...given };
  const connection = await locked(db, gitDir, times);
  const lost = new AbortController();
  const whenLost = () => lost.abort(new DatabaseUnavailable(`the lock on ${gitDir} was lost: try again`));
  const unheard = connection.onEnd(whenLost);
  const ping = keepAwake(connection, times, whenLost);
  try {
    const result = await work(lost.signal);
    lost.signal.throwIfAborted();
    return result;
  } catch (error) {
    // What the work says then is only how it was cut off.
    lost.signal.throwIfAborted();
    throw error;
  } finally {
    clearInterval(ping);
    unheard();
    await free(connection, gitDir);
  }
}

/** A connection that holds the lock. */
async function locked(db: Database, gitDir: string, times: LockTimes): Promise<Borrowed<Connection>> {
  for (;;) {
    const connection = await db.borrow();
    try {
      await acquire(connection, gitDir, times);
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
  const freed = await Promise.race([unlock, sleep(LOCK_TIMES_MS.answer, false, { ref: false })]);
  if (freed) connection.giveBack();
  else await connection.end();
}

async function acquire(
  connection: Connection,
  gitDir: string,
  { wait, freed, answer }: LockTimes,
): Promise<void> {
  // PostgreSQL would have said by now that it is not to be had. A network that drops what is sent says nothing for hours.
  const silent = setTimeout(() => void connection.end(), wait + answer);
  try {
    await connection.query(
      `select set_config('lock_timeout', $1, false), set_config('idle_session_timeout', $2, false),
      set_config('application_name', 'yokeflow repository lock', false)`,
      [`${wait}ms`, `${freed}ms`],
    );
    await connection.query('select pg_advisory_lock($1, $2)', repositoryKey(gitDir));
  } catch (error) {
    if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) {
      const seconds = Math.round(wait / 1000);
      throw new RepositoryBusy(
        `another YokeFlow process has been working in ${gitDir} for over ${seconds} s: try again when it has ended`,
      );
    }
    throw error;
  } finally {
    clearTimeout(silent);
  }
}

function keepAwake(
  connection: Connection,
  { ping, givenUp }: LockTimes,
  whenLost: () => void,
): NodeJS.Timeout {
  let unanswered = 0;
  return setInterval(() => {
    unanswered++;
    if (unanswered * ping >= givenUp) whenLost();
    else connection.query('select 1').then(() => (unanswered = 0), whenLost);
  }, ping);
}

/** Two halves of a 64-bit hash, since a repository has no number of its own. */
export function repositoryKey(gitDir: string): [number, number] {
  const hash = createHash('sha256').update(gitDir).digest();
  return [hash.readInt32BE(0), hash.readInt32BE(4)];
}
