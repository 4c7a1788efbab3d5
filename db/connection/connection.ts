import { Socket } from 'node:net';
import pg from 'pg';
import { parseValue } from './column-types';
import { DatabaseUnavailable } from './errors';
import { createIdleConnections, type Borrowed } from './idle-connections';
import { asUnavailable } from './unavailable';

export interface Rows<Row> {
  rows: Row[];
  rowCount: number;
}

export interface Queryable {
  query<Row extends object = object>(statement: string, values?: readonly unknown[]): Promise<Rows<Row>>;
  /** Commits when `work` returns, rolls back when it throws. Within a transaction it joins that one. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
}

export interface Database extends Queryable {
  /** A connection outside the pool, for LISTEN. Whoever asks for it ends it. */
  connect(): Promise<Connection>;
  /** The same for a short while, for locks: one that comes back serves the next borrower. */
  borrow(): Promise<Borrowed<Connection>>;
  /** Ends all connections, within some seconds: what still waits for an answer then has none. */
  close(): Promise<void>;
}

/** One connection of its own, whose statements have no time limit. */
export interface Connection extends Pick<Queryable, 'query'> {
  onNotification(listener: (payload: string) => void): void;
  /** Called once when the connection ends, whoever ended it, unless what it returns was called before. */
  onEnd(listener: () => void): () => void;
  end(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 60_000;
/** The server would have said by now that the time is up: it does not hear us, or we do not hear it. */
const SILENCE_MS = STATEMENT_TIMEOUT_MS + 5_000;
/** How long a connection may take to say goodbye. */
const GOODBYE_MS = 2_000;

function clientConfig(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'yokeflow',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: { getTypeParser: parseValue },
  };
}

/**
 * Opens a pool of connections, lazily: the first query throws `DatabaseUnavailable` if there is no server.
 * Statements end after 60 s, and so do transactions whose owner fell silent, since both hold locks. A server that says
 * nothing for `silenceMs` (65 s) is taken for unavailable: a network that drops what is sent would say so after a
 * quarter of an hour only.
 */
export function openDatabase(url: string, options: { max?: number; silenceMs?: number } = {}): Database {
  const sockets = new Set<Socket>();
  const stream = () => {
    const socket = new Socket();
    sockets.add(socket);
    return socket.once('close', () => sockets.delete(socket));
  };
  const pool = new pg.Pool({
    ...clientConfig(url),
    stream,
    max: options.max ?? 10,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: options.silenceMs ?? SILENCE_MS,
    idle_in_transaction_session_timeout: 60_000,
  });
  // An idle connection that breaks is replaced by the next query; unhandled, the event would end the process.
  pool.on('error', () => {});
  const idle = createIdleConnections(() => connect(url));
  return {
    query: (statement, values) => run(pool, url, statement, values),
    transaction: (work) => transaction(pool, url, work),
    connect: () => connect(url),
    borrow: () => idle.borrow(),
    async close() {
      const late = setTimeout(() => sockets.forEach((socket) => socket.destroy()), GOODBYE_MS);
      await Promise.all([idle.close(), pool.end()]);
      clearTimeout(late);
    },
  };
}

/** Runs queries that all see the database as it was at the first of them. */
export async function snapshot<T>(db: Queryable, work: (tx: Queryable) => Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read, read only');
    return work(tx);
  });
}

async function connect(url: string): Promise<Connection> {
  const socket = new Socket();
  const client = await connectClient(url, { stream: () => socket });
  return {
    query: (statement, values) => run(client, url, statement, values),
    onNotification: (listener) => client.on('notification', ({ payload }) => listener(payload ?? '')),
    onEnd(listener) {
      client.once('end', listener);
      return () => void client.off('end', listener);
    },
    async end() {
      const late = setTimeout(() => socket.destroy(), GOODBYE_MS);
      // A broken connection has ended already.
      await client.end().catch(() => {});
      clearTimeout(late);
    },
  };
}

/** A bare client without timeouts on its statements; throws `DatabaseUnavailable`. */
export async function connectClient(url: string, config: pg.ClientConfig = {}): Promise<pg.Client> {
  try {
    const client = new pg.Client({ ...clientConfig(url), ...config });
    // Its owner learns of it by the next query's error or by 'end'.
    client.on('error', () => {});
    await client.connect();
    return client;
  } catch (error) {
    throw asUnavailable(error, url);
  }
}

/** Texts are those of this code, with nothing put into them: there are not many. Should there be, the rest is not kept. */
const names = new Map<string, string>();
const MOST_PREPARED = 500;

/** What runs again and again is planned once in each connection: that is half of what PostgreSQL does for it. */
function preparable(text: string, values: readonly unknown[]): { text: string; name?: string } {
  if (values.length === 0) return { text };
  let name = names.get(text);
  if (name === undefined && names.size < MOST_PREPARED) {
    name = `yokeflow-${names.size}`;
    names.set(text, name);
  }
  return name === undefined ? { text } : { text, name };
}

async function run<Row extends object>(
  connection: pg.Pool | pg.ClientBase,
  url: string,
  statement: string,
  values: readonly unknown[] = [],
): Promise<Rows<Row>> {
  try {
    const result = await connection.query<Row>({ ...preparable(statement, values), values: [...values] });
    return { rows: result.rows, rowCount: result.rowCount ?? 0 };
  } catch (error) {
    throw asUnavailable(error, url);
  }
}

async function transaction<T>(pool: pg.Pool, url: string, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw asUnavailable(error, url);
  });
  // pg-pool handles errors of idle clients only.
  const ignore = () => {};
  client.on('error', ignore);
  const tx: Queryable = {
    query: (statement, values) => run(client, url, statement, values),
    transaction: (nested) => nested(tx),
  };
  let failure: Error | undefined;
  try {
    await tx.query('begin');
    const result = await work(tx);
    await commit(client, url);
    return result;
  } catch (error) {
    // Nobody would hear it; the server rolls back when the connection goes.
    if (error instanceof DatabaseUnavailable) failure = error;
    else await client.query('rollback').catch((broken: Error) => (failure = broken));
    throw error;
  } finally {
    client.off('error', ignore);
    client.release(failure);
  }
}

/** PostgreSQL answers ROLLBACK, without an error, to the commit of a transaction in which a statement failed. */
async function commit(client: pg.ClientBase, url: string): Promise<void> {
  const { command } = await client.query('commit').catch((error: unknown) => {
    throw asUnavailable(error, url);
  });
  if (command !== 'COMMIT') {
    throw new Error(
      'the transaction was rolled back, because an error in it had been caught: let it through',
    );
  }
}
