import { Client, Connection } from '@temporalio/client';
import { openDatabase, type Database } from '../../db/connection/connection';
import { migrate } from '../../db/connection/migrate';
import type { Endpoints, TemporalEndpoint, WorkerWish } from '../../services';
import type { CliContext } from './context';
import { UsageError } from './exit';
import { retryUnlessFollowing } from './grpc-retry';

/** PostgreSQL and Temporal, as the commands and the programmatic API use them. */
export interface Connected {
  db: Database;
  client: Client;
  endpoints: Endpoints;
}

/** Runs `work` with the migrated database. */
export async function withDatabase<T>(
  context: CliContext,
  work: (db: Database, endpoints: Endpoints) => Promise<T>,
): Promise<T> {
  const endpoints = await context.services({ worker: 'welcome' });
  return useDatabase(endpoints, (db) => work(db, endpoints));
}

/** Runs `work` with PostgreSQL and Temporal, and, unless told otherwise, with a worker. */
export async function withServices<T>(
  context: CliContext,
  work: (connected: Connected) => Promise<T>,
  { worker = 'needed' }: { worker?: WorkerWish } = {},
): Promise<T> {
  return withConnected(await context.services({ worker }), work);
}

/** Runs `work` with connections to PostgreSQL, migrated, and to Temporal, which run there. */
export async function withConnected<T>(
  endpoints: Endpoints,
  work: (connected: Connected) => Promise<T>,
): Promise<T> {
  return useDatabase(endpoints, (db) =>
    useTemporal(endpoints.temporal, (client) => work({ db, client, endpoints })),
  );
}

async function useDatabase<T>(endpoints: Endpoints, work: (db: Database) => Promise<T>): Promise<T> {
  await migrate(endpoints.databaseUrl);
  const db = openDatabase(endpoints.databaseUrl, { max: 4 });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

/** Runs `work` with a connection to Temporal that is closed whatever happens. */
export async function useTemporal<T>(
  { address, namespace, connectConfig }: TemporalEndpoint,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const options = { ...connectConfig.connectionOptions, interceptors: [retryUnlessFollowing] };
  const connection = await Connection.connect(options).catch((cause: unknown) => {
    throw new UsageError(`Temporal does not answer at ${address}: see yokeflow doctor`, { cause });
  });
  try {
    return await work(new Client({ connection, namespace }));
  } finally {
    await connection.close();
  }
}
