import { withConnection } from './connection';

/** A holder renews its lease every few seconds for as long as it works. */
const LIVE_FOR = '20 seconds';
const UNDEFINED_TABLE = '42P01';

/** Whether an agent, a verification or a landing is at work. True where nobody can tell. */
export async function hasLiveLeases(databaseUrl: string): Promise<boolean> {
  try {
    return await withConnection(databaseUrl, async (client) => {
      const { rows } = await client.query<{ live: boolean }>(
        `select exists (select from yokeflow.leases
           where released_at is null and heartbeat_at > now() - $1::interval) as live`,
        [LIVE_FOR],
      );
      return rows[0]!.live;
    });
  } catch (error) {
    // Nothing has ever run in a database without the tables.
    return (error as { code?: string }).code !== UNDEFINED_TABLE;
  }
}
