import { Context } from '@temporalio/activity';
import { patiently } from '../../agents/contract/patience';
import { failAttempt } from '../../db/task/attempt-end';
import { type Attempt } from '../../db/task/attempts';
import { spent } from '../../db/cost/costs';
import type { StoredTask } from '../../db/task/stored-task';
import { failTask } from '../../db/task/task-status';
import type { ActivityDependencies } from '../scope/dependencies';
import type { TaskInput, TaskOutcome } from '../scope/contract';
import { stopReason } from '../scope/activity-scope';
import { requireOurs } from '../scope/claim';
import { fail } from '../scope/failure';
import { endTry, undoTry } from '../worktree/keep-work';
import type { Lease } from '../scope/lease';
import type { Place } from '../scope/place';

/** A try that failed: its work is kept, the worktree is as before, and the reason is on record. */
export async function settleFailed(
  deps: ActivityDependencies,
  { place, input, attempt, lease }: { place: Place; input: TaskInput; attempt: Attempt; lease: Lease },
  failure: { reason: string; outputTail?: string; again: boolean | 'perhaps' },
): Promise<TaskOutcome> {
  const again = failure.again !== false;
  const reason = deps.redact(failure.reason);
  const outputTail = failure.outputTail === undefined ? undefined : deps.redact(failure.outputTail);
  // Whoever did this anew would first run the agent again, or what verifies it.
  await patiently(() => undoTry(deps, { place, attempt, lease }), lease.signal);
  const { id: attemptId } = attempt;
  const retrying = failure.again === 'perhaps' ? 'perhaps' : again && !input.lastTry;
  // Both or neither: whoever takes up an attempt that has failed takes its task for settled.
  const store = () =>
    deps.db.transaction(async (tx) => {
      const output = outputTail ? { outputTail } : {};
      await failAttempt(tx, { attemptId, token: lease.token, reason, retrying, ...output });
      if (!retrying) await failTask(tx, { sessionId: input.sessionId, task: input.task, reason });
    });
  await patiently(store, lease.signal);
  await lease.release();
  return { kind: 'failed', reason, again, ...(await costOf(deps, attempt)) };
}

/** The activity has to end before its work did. Cancelled: undo the try. Handed back: leave it to whoever goes on. */
export async function endEarly(
  deps: ActivityDependencies,
  {
    place,
    attempt,
    lease,
  }: {
    place: Place;
    attempt: Attempt;
    lease: Lease;
  },
): Promise<never> {
  await requireOurs(place);
  if (lease.lost()) throw fail('LeaseLost', 'a newer try owns the worktree');
  if ((await stopReason()) === 'cancelled')
    await endTry(deps, { place, attempt, lease }, { status: 'cancelled', reason: 'cancelled while it ran' });
  return Context.current().cancelled;
}

/**
 * What an earlier run of the same activity put on record already; null while the try is still open. The worktree is free
 * again then: this run has nothing to do in it.
 */
export async function recorded(
  deps: ActivityDependencies,
  { attempt, lease, task }: { attempt: Attempt; lease: Lease; task: Pick<StoredTask, 'status'> },
  input: Pick<TaskInput, 'lastTry'>,
): Promise<TaskOutcome | null> {
  if (attempt.status === 'running') return null;
  await lease.release();
  if (attempt.status === 'complete')
    return { kind: 'done', complete: true, ...(await costOf(deps, attempt)) };
  const reason = attempt.reason ?? attempt.status;
  const again = !input.lastTry && task.status !== 'failed';
  return { kind: 'failed', reason, again, ...(await costOf(deps, attempt)) };
}

/** What the task has cost in this session so far, all attempts together. */
export async function costOf(
  { db }: ActivityDependencies,
  { sessionId, taskId }: Pick<Attempt, 'sessionId' | 'taskId'>,
): Promise<{ costUsd: number }> {
  const { taskUsd } = await spent(db, { sessionId, taskId });
  return { costUsd: taskUsd };
}
