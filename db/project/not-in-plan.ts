import type { Queryable } from '../connection/connection';
import { NotFound } from '../connection/errors';

/** An epic or a task that a project's plan does not have. The command names the project: there may be several. */
export async function notInPlan(db: Queryable, projectId: number, what: string): Promise<NotFound> {
  const { rows } = await db.query<{ name: string }>('select name from yokeflow.projects where id = $1', [
    projectId,
  ]);
  const of = rows[0] ? ` --project ${rows[0].name}` : '';
  return new NotFound(`${what} is not in the plan: see yokeflow plan show${of}`);
}
