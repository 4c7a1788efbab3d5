import type { Database } from '../../db/connection/connection';

/** What a session was charged in nano-dollars, and how many events said so. */
export async function sessionCost(
  db: Database,
  sessionId: number,
): Promise<{ nano: number; events: number }> {
  const { rows } = await db.query<{ nano: number; events: number }>(
    `select total_cost_nano as nano, (
       select count(*)::int from yokeflow.events where session_id = s.id and type = 'cost_update'
     ) as events from yokeflow.sessions s where id = $1`,
    [sessionId],
  );
  return rows[0]!;
}
