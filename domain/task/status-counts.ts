import { TASK_STATUSES, type TaskStatus } from '../model';

/** How many tasks have each status; 0 where none has. */
export function statusCounts(tasks: Iterable<{ status: TaskStatus }>): Record<TaskStatus, number> {
  const counts = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<TaskStatus, number>;
  for (const { status } of tasks) counts[status]++;
  return counts;
}
