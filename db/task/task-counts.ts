import { TASK_STATUSES, type TaskStatus } from '../../domain/model';
import type { Queryable } from '../connection/connection';

/** How many tasks of the plan have each status; 0 where none has. */
export async function countTasks(db: Queryable, projectId: number): Promise<Record<TaskStatus, number>> {
  const { rows } = await db.query<{ status: TaskStatus; count: number }>(
    'select status, count(*) as count from yokeflow.tasks where project_id = $1 group by status',
    [projectId],
  );
  const counts = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<TaskStatus, number>;
  for (const { status, count } of rows) counts[status] = count;
  return counts;
}
