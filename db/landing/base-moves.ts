import type { Queryable } from '../connection/connection';

/** Why the landing that goes on in a session does not come to its end; null when it does, or none goes on. */
export async function baseKeepsMoving(db: Queryable, sessionId: number): Promise<string | null> {
  const { rows } = await db.query<{ reason: string }>(
    `select data ->> 'reason' as reason from yokeflow.events
     where session_id = $1 and type = 'attention_needed' and data ->> 'outcome' = 'moving' and seq > coalesce(
       (select max(seq) from yokeflow.events where session_id = $1 and type in ('merge_started', 'epic_merged')), 0)
     order by seq desc limit 1`,
    [sessionId],
  );
  return rows[0]?.reason ?? null;
}
