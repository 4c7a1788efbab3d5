import type { Queryable } from './connection';
import { NotFound } from './errors';

export async function projectOfSession(db: Queryable, sessionId: number): Promise<number> {
  const { rows } = await db.query<{ projectId: number }>(
    'select project_id as "projectId" from yokeflow.sessions where id = $1',
    [sessionId],
  );
  if (!rows[0]) throw new NotFound(`there is no session ${sessionId}: see yokeflow status`);
  return rows[0].projectId;
}
