import { AT_WORK_FOR_MS } from '../../domain/session/lease-times';
import { withConnection } from './connection';

const UNDEFINED_TABLE = '42P01';

/** Whether an agent, a verification or a landing is at work. True where nobody can tell. */
export async function hasLiveLeases(databaseUrl: string): Promise<boolean> {
  try {
    return await withConnection(databaseUrl, async (client) => {
      const { rows } = await client.query<{ live: boolean }>(
        `select exists (select from yokeflow.leases
           where released_at is null and heartbeat_at > now() - $1 * interval '1 millisecond') as live`,
        [AT_WORK_FOR_MS],
      );
      return rows[0]!.live;
    });
  } catch (error) {
    // Nothing has ever run in a database without the tables.
    return (error as { code?: string }).code !== UNDEFINED_TABLE;
  }
}
