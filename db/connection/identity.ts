import type { Queryable } from './connection';

/** What tells this database from every other one; a copy of it has the same. */
export async function databaseId(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ id: string }>('select id from yokeflow.identity');
  return rows[0]!.id;
}

/** Where it is, for people: they know its server by that. */
export async function databasePlace(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ name: string; host: string | null; port: number | null }>(
    'select current_database() as name, host(inet_server_addr()) as host, inet_server_port() as port',
  );
  const { name, host, port } = rows[0]!;
  return host === null ? name : `${name} at ${host}:${port}`;
}
