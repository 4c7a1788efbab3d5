import type { TaskStatus } from '../../domain/model';
import { statusCounts } from '../../domain/task/status-counts';
import type { Queryable } from '../connection/connection';

/** How many tasks of the plan have each status; 0 where none has. */
export async function countTasks(db: Queryable, projectId: number): Promise<Record<TaskStatus, number>> {
  const { rows } = await db.query<{ status: TaskStatus; count: number }>(
    'select status, count(*) as count from yokeflow.tasks where project_id = $1 group by status',
    [projectId],
  );
  const counts = statusCounts([]);
  for (const { status, count } of rows) counts[status] = count;
  return counts;
}
