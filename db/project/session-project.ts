import type { Queryable } from '../connection/connection';
import { NotFound } from '../connection/errors';

/** The row of a session's project. @throws NotFound where there is no such session */
export async function projectOfSession(db: Queryable, sessionId: number): Promise<number> {
  const project = await findSessionProject(db, sessionId);
  if (project === null) throw new NotFound(`there is no session ${sessionId}: see yokeflow status`);
  return project;
}

/** The same; null where this database has no such session. */
export async function findSessionProject(db: Queryable, sessionId: number): Promise<number | null> {
  const { rows } = await db.query<{ projectId: number }>(
    'select project_id as "projectId" from yokeflow.sessions where id = $1',
    [sessionId],
  );
  return rows[0]?.projectId ?? null;
}
