import { Client } from 'pg';

const CONNECT_TIMEOUT_MS = 5_000;

/** Runs `work` on one connection of its own; its errors are those of `pg`. */
export async function withConnection<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // A server that goes away emits this besides failing the query; unheard it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Null when the server answers a query, or else the reason why not. */
export async function whyUnreachable(url: string): Promise<string | null> {
  try {
    await withConnection(url, (client) => client.query('select 1'));
    return null;
  } catch (error) {
    return describe(error);
  }
}

function describe(error: unknown): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0].message;
  return error instanceof Error ? error.message : String(error);
}

/** Creates a database unless it exists; safe when two do it at once. */
export async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  const DUPLICATE_DATABASE = '42P04';
  const UNIQUE_VIOLATION = '23505';
  await withConnection(adminUrl, async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (found.rowCount) return;
    await client.query(`create database ${client.escapeIdentifier(name)}`).catch((error: unknown) => {
      const { code } = error as { code?: string };
      if (code !== DUPLICATE_DATABASE && code !== UNIQUE_VIOLATION) throw error;
    });
  });
}
