import { findAttempt } from '../../db/task/attempts';
import { startAttempt } from '../../db/task/attempt-start';
import { getTask } from '../../db/task/tasks';
import type { TaskInput, TaskOutcome } from '../scope/contract';
import type { ActivityDependencies } from '../scope/dependencies';
import { fail } from '../scope/failure';
import { judgeTask, type JudgedTry } from './judge-task';
import { withLease } from '../scope/lease';
import { openPlace, type Place } from '../scope/place';
import { recorded, settleFailed } from './settle';
import { tellSession } from './tell-session';
import { tooManyLosses } from './worker-losses';

/** Judges what the agent left, and makes it the task's commit. */
export async function completeTask(deps: ActivityDependencies, input: TaskInput): Promise<TaskOutcome> {
  const place = await openPlace(deps.db, input, { holder: input.holder });
  return tellSession(place, input, await completeIn(deps, place, input));
}

async function completeIn(deps: ActivityDependencies, place: Place, input: TaskInput): Promise<TaskOutcome> {
  const { id: projectId } = place.project;
  const task = await getTask(deps.db, { projectId, task: input.task });
  const { id: worktreeId } = place.worktree;
  return withLease(deps.db, { worktreeId, holder: input.holder, claimed: place }, async (lease) => {
    const attempt = await adoptAttempt(deps, { input, task, lease, worktreeId });
    const scope = { place, input, task, attempt, lease };
    const before = await recorded(deps, scope, input);
    if (before) return before;
    const lost = await tooManyLosses(deps, scope);
    if (lost) return settleFailed(deps, scope, { reason: lost, again: false });
    return judgeTask(deps, scope);
  });
}

/** The try that `runTask` made, now under this activity's token. */
async function adoptAttempt(
  { db }: ActivityDependencies,
  { input, task, lease, worktreeId }: Pick<JudgedTry, 'input' | 'task' | 'lease'> & { worktreeId: number },
): Promise<JudgedTry['attempt']> {
  const known = await findAttempt(db, { taskId: task.id, key: input.holder });
  if (!known?.baseCommit) throw fail('LeaseLost', `T${input.task} has no try by this name any more`);
  const { attempt } = await startAttempt(db, {
    taskId: task.id,
    sessionId: input.sessionId,
    worktreeId,
    key: input.holder,
    token: lease.token,
    agent: known.agent,
    model: known.model,
  });
  return { ...attempt, baseCommit: known.baseCommit };
}
