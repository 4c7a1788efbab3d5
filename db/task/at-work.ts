import type { Queryable } from '../connection/connection';

/**
 * Whether task `t` is at work in session `s`, which is open. Between two tries, or while an agent settles a conflict of what
 * it depends on, it is pending, and at work all the same: what changed it last is the end of a try.
 */
export const AT_WORK = `(t.status = 'running' or t.status = 'pending' and exists (
    select from yokeflow.task_attempts a where a.task_id = t.id and a.session_id = s.id
      and (a.status = 'running' or a.ended_at = t.updated_at)
  ))`;

/** Numbers of the tasks that are at work in an open session. */
export async function tasksAtWork(db: Queryable, sessionId: number): Promise<Set<number>> {
  const { rows } = await db.query<{ task: number }>(
    `select t.number as task from yokeflow.sessions s join yokeflow.tasks t on t.project_id = s.project_id
     where s.id = $1 and ${AT_WORK}`,
    [sessionId],
  );
  return new Set(rows.map(({ task }) => task));
}
