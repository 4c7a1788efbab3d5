import { Client, Connection } from '@temporalio/client';
import { openDatabase, type Database, type Queryable } from '../../db/connection/connection';
import { databaseId } from '../../db/connection/identity';
import { DatabaseUnavailable } from '../../db/connection/errors';
import { migrate } from '../../db/connection/migrate';
import type { Endpoints, TemporalEndpoint, WorkerWish } from '../../services';
import { isOwnNamespace, NamespaceTaken } from '../../services/temporal/namespace-owner';
import type { CliContext } from './context';
import { UsageError } from './exit';
import { connectionOptions, goingAlong, POOL, type FindNow, type Place } from './going-along';

/**
 * PostgreSQL and Temporal, as the commands and the programmatic API use them. `client` is not to be kept: it is another
 * one after embedded services came back at other ports.
 */
export interface Connected extends Place {
  /** Whether what answers is known to be ours now; absent where it cannot be anything else. */
  isHome?(): Promise<boolean>;
}

/** Runs `work` with the migrated database. */
export async function withDatabase<T>(
  context: CliContext,
  work: (db: Database, endpoints: Endpoints) => Promise<T>,
): Promise<T> {
  const endpoints = await context.services({ worker: 'welcome' });
  return useDatabase(endpoints, (db) => work(db, endpoints));
}

/** Runs `work` with the migrated database if it runs already. Starts nothing; null: there is none that answers. */
export async function withRunningDatabase<T>(
  context: CliContext,
  work: (db: Database) => Promise<T>,
): Promise<T | null> {
  const endpoints = (await context.servicesNow?.()) ?? null;
  if (!endpoints) return null;
  return useDatabase(endpoints, work).catch((error: unknown) => {
    if (error instanceof DatabaseUnavailable) return null;
    throw error;
  });
}

/** Runs `work` with PostgreSQL and Temporal, and, unless told otherwise, with a worker. */
export async function withServices<T>(
  context: CliContext,
  work: (connected: Connected) => Promise<T>,
  { worker = 'needed', lazily = false }: { worker?: WorkerWish; lazily?: boolean } = {},
): Promise<T> {
  return withConnected(await context.services({ worker }), work, { findNow: context.servicesNow, lazily });
}

interface Connecting {
  /** With this, the connections go along when the services move. */
  findNow?: FindNow | undefined;
  /** For what can do without Temporal: it is connected to when it is asked something, and nobody has looked whose it is. */
  lazily?: boolean;
}

/**
 * Runs `work` with connections to PostgreSQL, migrated, and to Temporal, which run there.
 * @throws UsageError where the sessions of that Temporal are in another database
 */
export async function withConnected<T>(
  endpoints: Endpoints,
  work: (connected: Connected) => Promise<T>,
  { findNow, lazily = false }: Connecting = {},
): Promise<T> {
  return useDatabase(endpoints, (db) =>
    useTemporal(
      endpoints.temporal,
      async (client) => {
        if (!lazily) await requireOwnNamespace(client, db);
        const connected = { db, client, endpoints };
        return findNow ? goingAlong(connected, findNow, work) : work(connected);
      },
      { lazily },
    ),
  );
}

/** Sessions there of the same name would be paused, cancelled, or followed for ours. */
export async function requireOwnNamespace(client: Client, db: Queryable): Promise<void> {
  try {
    await isOwnNamespace(client, await databaseId(db));
  } catch (error) {
    throw error instanceof NamespaceTaken ? new UsageError(error.message, { cause: error }) : error;
  }
}

async function useDatabase<T>(endpoints: Endpoints, work: (db: Database) => Promise<T>): Promise<T> {
  await migrate(endpoints.databaseUrl);
  const db = openDatabase(endpoints.databaseUrl, POOL);
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

/** Runs `work` with a connection to Temporal that is closed whatever happens. */
export async function useTemporal<T>(
  temporal: TemporalEndpoint,
  work: (client: Client) => Promise<T>,
  { lazily = false }: { lazily?: boolean } = {},
): Promise<T> {
  const { address, namespace } = temporal;
  const options = connectionOptions(temporal);
  const connection = lazily
    ? Connection.lazy(options)
    : await Connection.connect(options).catch((cause: unknown) => {
        throw new UsageError(`Temporal does not answer at ${address}: see yokeflow doctor`, { cause });
      });
  try {
    return await work(new Client({ connection, namespace }));
  } finally {
    await connection.close();
  }
}
