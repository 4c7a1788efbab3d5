import { findAttempt } from '../../db/task/attempts';
import { failTask as recordFailed } from '../../db/task/task-status';
import { getTask } from '../../db/task/tasks';
import type { TaskInput, TaskOutcome } from '../scope/contract';
import type { ActivityDependencies } from '../scope/dependencies';
import { withLease } from '../scope/lease';
import { openPlace } from '../scope/place';
import { undoAbandoned } from '../worktree/undo-abandoned';

/**
 * Settles a task whose activity ended without an outcome, so that no retry can help. Where the activity had completed
 * the task before it was ended, complete it stays.
 */
export async function failTask(
  deps: ActivityDependencies,
  input: TaskInput & { reason: string },
): Promise<TaskOutcome> {
  const place = await openPlace(deps.db, input, { holder: input.holder });
  const task = await getTask(deps.db, { projectId: place.project.id, task: input.task });
  const reason = deps.redact(input.reason);
  return withLease(deps.db, { worktreeId: place.worktree.id, holder: input.holder }, async (lease) => {
    const attempt = await findAttempt(deps.db, { taskId: task.id, key: input.holder });
    const complete = attempt?.status === 'complete';
    if (!complete) {
      // Its own, or that of an agent which was to settle a conflict for it.
      await undoAbandoned(deps, place, { lease });
      const { sessionId, task: number } = input;
      await recordFailed(deps.db, { sessionId, task: number, reason, attemptId: attempt?.id });
    }
    await lease.release();
    return complete ? { kind: 'done' } : { kind: 'failed', reason, again: false };
  });
}
