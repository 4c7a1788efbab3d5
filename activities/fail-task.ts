import { findAttempt } from '../db/attempts';
import { failTask as recordFailed } from '../db/task-status';
import { getTask } from '../db/tasks';
import type { TaskInput } from './contract';
import type { ActivityDependencies } from './dependencies';
import { undoTry } from './keep-work';
import { withLease } from './lease';
import { openPlace } from './place';

/** Settles a task whose activity ended without an outcome, so that no retry can help. */
export async function failTask(
  deps: ActivityDependencies,
  input: TaskInput & { reason: string },
): Promise<void> {
  const place = await openPlace(deps.db, input);
  const task = await getTask(deps.db, { projectId: place.project.id, task: input.task });
  await withLease(deps.db, { worktreeId: place.worktree.id, holder: input.holder }, async (lease) => {
    const attempt = await findAttempt(deps.db, { taskId: task.id, key: input.holder });
    if (attempt) await undoTry(deps, { place, attempt, lease });
    await recordFailed(deps.db, {
      sessionId: input.sessionId,
      task: input.task,
      reason: deps.redact(input.reason),
    });
    await lease.release();
  });
}
