import { withConnection } from './connection';

/** What tells the database from every other one; null: there is nothing of YokeFlow in it yet. */
export async function identityOf(databaseUrl: string): Promise<string | null> {
  return withConnection(databaseUrl, async (client) => {
    const made = await client.query<{ table: string | null }>(
      `select to_regclass('yokeflow.identity') as "table"`,
    );
    if (made.rows[0]!.table === null) return null;
    const { rows } = await client.query<{ id: string }>('select id from yokeflow.identity');
    return rows[0]!.id;
  });
}
