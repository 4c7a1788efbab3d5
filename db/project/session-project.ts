import type { Queryable } from '../connection/connection';
import { NotFound } from '../connection/errors';

export async function projectOfSession(db: Queryable, sessionId: number): Promise<number> {
  const { rows } = await db.query<{ projectId: number }>(
    'select project_id as "projectId" from yokeflow.sessions where id = $1',
    [sessionId],
  );
  if (!rows[0]) throw new NotFound(`there is no session ${sessionId}: see yokeflow status`);
  return rows[0].projectId;
}

/** The project of a session, by its row; null where this database has no such session. */
export async function findSessionProject(db: Queryable, sessionId: number): Promise<number | null> {
  const { rows } = await db.query<{ projectId: number }>(
    'select project_id as "projectId" from yokeflow.sessions where id = $1',
    [sessionId],
  );
  return rows[0]?.projectId ?? null;
}
