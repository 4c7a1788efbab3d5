import { DatabaseUnavailable, DatabaseUnsuitable, GaveWay } from './errors';

/** `disk_full`: what was to be written is not. */
const DISK_FULL = '53100';
/** SQLSTATEs that say that the server cannot be used now, whatever the statement was. */
const UNAVAILABLE_STATES = /^(08|28|53[13]00$|57P0[1235]$|3D000$)/;
const NETWORK_CODES = /^(ECONN|ENOTFOUND|ETIMEDOUT|EPIPE|EAI_AGAIN|EHOST|ENETUNREACH|ENOENT|EACCES)/;
/** SQLSTATEs of a statement that had to give way: a deadlock, a lock or a time limit. */
const GAVE_WAY = /^(40001|40P01|55P03|57014)$/;
/** `insufficient_privilege` */
const NOT_ALLOWED = '42501';
/** What pg, or a server that is going away, says without a code. */
const LOST =
  /connection terminated|connection ended|terminating connection|the database system is|timeout expired|timeout exceeded when trying to connect|query read timeout|not queryable|client was closed/i;

interface Cause {
  code?: string;
  message?: string;
  /** Of an AggregateError: one for each address of the host. */
  errors?: Cause[];
}

/** Only who set DATABASE_URL has anything to correct there; the worker is given the embedded server's. */
const REMEDY = 'yokeflow up starts the embedded one; start one of your own yourself, or correct DATABASE_URL';

/** What pg says of a server that takes a connection and says nothing: it was frozen, or its disk or its machine is. */
const SILENT = /timeout/i;
const SILENT_REMEDY =
  'it is there and says nothing; if that lasts, restart it, the embedded one with yokeflow down && yokeflow up';

/** What is seen, and what helps. */
function trouble(code: string, message: string): [string, string] {
  if (code === DISK_FULL) return ['cannot write', 'its disk is full, make room there'];
  return SILENT.test(message) ? ['does not answer', SILENT_REMEDY] : ['cannot be used', REMEDY];
}

/**
 * The same error, or a `DatabaseUnavailable` that names the server (never the password) if the server is the cause, a
 * `GaveWay` if other statements are, or a `DatabaseUnsuitable` if its user's rights are.
 */
export function asUnavailable(error: unknown, url: string): unknown {
  if (error instanceof DatabaseUnavailable) return error;
  const { code = '', message = '' } = (error as Cause).errors?.[0] ?? (error as Cause);
  if (GAVE_WAY.test(code)) return new GaveWay(code, message, error);
  if (code === NOT_ALLOWED)
    return new DatabaseUnsuitable(
      `the user of DATABASE_URL may not use all of the schema yokeflow (${message}): name the one that owns it`,
    );
  const unavailable = UNAVAILABLE_STATES.test(code) || NETWORK_CODES.test(code) || LOST.test(message);
  if (!unavailable) return error;
  const reason = message.split('\n', 1)[0];
  const [what, remedy] = trouble(code, message);
  return new DatabaseUnavailable(
    `PostgreSQL ${what} at ${describeServer(url)} (${reason}): ${remedy}`,
    error,
  );
}

/** `user@host:port/database`. */
function describeServer(url: string): string {
  try {
    const { username, hostname, port, pathname, searchParams } = new URL(url);
    const host = hostname || searchParams.get('host') || 'localhost';
    return `${username ? `${username}@` : ''}${host}:${port || 5432}${pathname}`;
  } catch {
    return 'the address in DATABASE_URL';
  }
}
