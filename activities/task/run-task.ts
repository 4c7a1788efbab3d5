import { startAttempt } from '../../db/task/attempt-start';
import { findAttempt, listAttempts } from '../../db/task/attempts';
import type { StoredTask } from '../../db/task/stored-task';
import { getTask } from '../../db/task/tasks';
import { setWorktreeStatus } from '../../db/worktree/worktree-status';
import { appendEvent } from '../../db/events/events';
import type { Conflict } from '../../domain/model';
import { fileNames } from '../../domain/file-names';
import { recordDone, runAgent } from './agent-run';
import type { TaskInput, TaskOutcome } from '../scope/contract';
import { isDamage } from '../worktree/damage';
import type { ActivityDependencies } from '../scope/dependencies';
import { judgeTask, verifyCommandOf } from './judge-task';
import { withLease } from '../scope/lease';
import { modelFor } from './model-choice';
import { openPlace, type Place } from '../scope/place';
import { reopenIfReset } from '../scope/reset-session';
import { lookAtWorktree, prepareWorktree, type Standing } from '../worktree/prepare-worktree';
import { costOf, endEarly, recorded, settleFailed } from './settle';
import { agentNameOf } from './task-agent';
import { tellSession } from './tell-session';
import type { TryScope } from '../scope/try-scope';
import { tooManyLosses } from './worker-losses';

/** One try at a task: up to the moment when its agent says that it is done, or to its end if nothing is to be verified. */
export async function runTask(deps: ActivityDependencies, input: TaskInput): Promise<TaskOutcome> {
  const place = await openPlace(deps.db, input, { holder: input.holder });
  await reopenIfReset(deps, place.session);
  return tellSession(place, input, await runIn(deps, place, input));
}

async function runIn(deps: ActivityDependencies, place: Place, input: TaskInput): Promise<TaskOutcome> {
  const task = await getTask(deps.db, { projectId: place.project.id, task: input.task });
  if (await isDoneAlready(deps, task, input)) {
    return { kind: 'done', complete: true, ...(await costOf(deps, { ...input, taskId: task.id })) };
  }
  const agent = await deps.agents.find(agentNameOf(task, place.options));
  const { id: worktreeId } = place.worktree;
  return withLease(deps.db, { worktreeId, holder: input.holder, claimed: place }, async (lease) => {
    const standing = lookAtWorktree(place);
    // Whoever needs it hears of its failure.
    standing.catch(() => undefined);
    const choice = await modelFor(agent.name, task, place.options, () => failedBefore(deps, task.id, input));
    const { attempt, created } = await startAttempt(deps.db, {
      taskId: task.id,
      sessionId: input.sessionId,
      worktreeId,
      key: input.holder,
      token: lease.token,
      agent: agent.name,
      model: choice.model,
      modelReason: choice.reason,
    });
    const before = await recorded(deps, { attempt, lease, task }, input);
    if (before) return conflictLeft(place, task, before) ?? before;
    const scope = { place, input, task, attempt, lease, agent, modelReason: choice.reason };
    // One that begins has lost no worker yet.
    const lost = created ? null : await tooManyLosses(deps, scope);
    if (lost) return settleFailed(deps, scope, { reason: lost, again: false });
    return attempt.agentEndedAt ? goOn(deps, scope) : tryOnce(deps, { ...scope, standing });
  });
}

/** By another try: a session that was reset to before that takes the task for open. */
async function isDoneAlready(
  { db }: ActivityDependencies,
  task: StoredTask,
  input: TaskInput,
): Promise<boolean> {
  if (task.status !== 'complete') return false;
  return (await findAttempt(db, { taskId: task.id, key: input.holder })) === null;
}

/** A try that failed for a conflict, and left its task open: the conflict is being settled, see `leaveConflict`. */
function conflictLeft({ worktree }: Place, { status }: StoredTask, outcome: TaskOutcome): TaskOutcome | null {
  if (outcome.kind !== 'failed' || worktree.status !== 'conflict' || status === 'failed') return null;
  return { kind: 'conflict', reason: outcome.reason };
}

/** Where there is nothing to verify, the rest takes a moment, and is not worth an activity of its own. */
async function goOn(deps: ActivityDependencies, scope: TryScope): Promise<TaskOutcome> {
  const { baseCommit } = scope.attempt;
  if (verifyCommandOf(scope) !== null || baseCommit === null) return { kind: 'done' };
  return judgeTask(deps, { ...scope, attempt: { ...scope.attempt, baseCommit } });
}

/** Attempts of this session in which an agent failed: each makes the next model one step stronger, when it may choose. */
async function failedBefore(
  { db }: ActivityDependencies,
  taskId: number,
  { sessionId }: TaskInput,
): Promise<number> {
  const attempts = await listAttempts(db, taskId);
  return attempts.filter(
    (attempt) =>
      attempt.sessionId === sessionId &&
      attempt.purpose === 'task' &&
      attempt.status === 'failed' &&
      attempt.baseCommit !== null,
  ).length;
}

async function tryOnce(
  deps: ActivityDependencies,
  scope: TryScope & { standing: Standing },
): Promise<TaskOutcome> {
  const prepared = await prepareOrDamaged(deps, scope);
  if (scope.lease.signal.aborted) return endEarly(deps, scope);
  if (prepared.kind === 'conflict') return leaveConflict(deps, scope, prepared);
  if (prepared.kind === 'damaged') return settleFailed(deps, scope, { ...prepared, again: true });
  // It may fetch what it needs over a network that is away for a moment.
  if (prepared.kind === 'setup-failed') return settleFailed(deps, scope, { ...prepared, again: true });
  const started = { ...scope, attempt: { ...scope.attempt, baseCommit: prepared.baseCommit } };
  const outcome = await runAgent(deps, started);
  if (scope.lease.signal.aborted) return endEarly(deps, started);
  if (outcome.kind === 'held') return outcome;
  if (outcome.kind === 'failed') {
    return settleFailed(deps, started, { reason: outcome.reason, outputTail: outcome.output, again: true });
  }
  const agentEndedAt = await recordDone(deps, started, outcome.output);
  return goOn(deps, { ...started, attempt: { ...started.attempt, agentEndedAt } });
}

async function prepareOrDamaged(deps: ActivityDependencies, scope: TryScope & { standing: Standing }) {
  try {
    return await prepareWorktree(deps, scope);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { kind: 'damaged' as const, reason: `its worktree cannot be made ready: ${error.message}` };
  }
}

/** An agent settles it, if one may and nobody has begun: see `mendEpic`. Otherwise it waits for a person. */
async function leaveConflict(
  deps: ActivityDependencies,
  scope: TryScope,
  { conflict, begun }: { conflict: Conflict; begun: boolean },
): Promise<TaskOutcome> {
  const { place, input } = scope;
  const mendable = !begun && place.epic !== null && place.options.onConflict === 'agent';
  const files = conflict.files.map((file) => file.path);
  await deps.db.transaction(async (tx) => {
    await setWorktreeStatus(tx, { worktreeId: place.worktree.id, status: 'conflict', conflict });
    await appendEvent(tx, {
      sessionId: input.sessionId,
      type: 'merge_conflict',
      epic: place.epic,
      task: input.task,
      data: { ...conflict, worktree: place.worktree.path },
      key: `conflict:${input.holder}`,
    });
  });
  const reason = `conflicts with what it depends on in ${fileNames(files, 10)}; resolve it in ${place.worktree.path} and commit`;
  if (!mendable) return settleFailed(deps, scope, { reason, again: false });
  await settleFailed(deps, scope, { reason, again: 'perhaps' });
  return { kind: 'conflict', reason };
}
