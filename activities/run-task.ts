import type { Agent } from '../agents/agent';
import { finishAgent } from '../db/attempt-progress';
import { startAttempt } from '../db/attempt-start';
import { getTask } from '../db/tasks';
import { setWorktreeStatus } from '../db/worktree-status';
import { appendEvent } from '../db/events';
import type { AgentName, Conflict } from '../domain/model';
import { runAgent } from './agent-run';
import type { TaskInput, TaskOutcome } from './contract';
import type { ActivityDependencies } from './dependencies';
import { fail } from './failure';
import { withLease } from './lease';
import { openPlace } from './place';
import { prepareWorktree } from './prepare-worktree';
import { endEarly, recorded, settleFailed } from './settle';
import { agentNameOf } from './task-agent';
import type { TryScope } from './try-scope';

/** One try at a task, up to the moment when its agent says that it is done. */
export async function runTask(deps: ActivityDependencies, input: TaskInput): Promise<TaskOutcome> {
  const place = await openPlace(deps.db, input);
  const task = await getTask(deps.db, { projectId: place.project.id, task: input.task });
  const agent = requireAgent(deps, agentNameOf(task, place.options));
  const { id: worktreeId } = place.worktree;
  return withLease(deps.db, { worktreeId, holder: input.holder }, async (lease) => {
    const { attempt } = await startAttempt(deps.db, {
      taskId: task.id,
      sessionId: input.sessionId,
      worktreeId,
      key: input.holder,
      token: lease.token,
      agent: agent.name,
      model: task.model ?? place.options.model ?? null,
    });
    const before = recorded(attempt, input);
    if (before) return before;
    if (attempt.agentEndedAt) return { kind: 'done' };
    return tryOnce(deps, { place, input, task, attempt, lease, agent });
  });
}

function requireAgent(deps: ActivityDependencies, name: AgentName): Agent {
  const agent = deps.agents[name];
  if (!agent)
    throw fail(
      'AgentUnavailable',
      `agent: "${name}" cannot run here; available: ${Object.keys(deps.agents).join(', ')}`,
    );
  return agent;
}

async function tryOnce(deps: ActivityDependencies, scope: TryScope): Promise<TaskOutcome> {
  const prepared = await prepareWorktree(deps, scope.place, scope.attempt, scope.agent, scope.lease);
  if (prepared.kind === 'conflict') return waitForPerson(deps, scope, prepared.conflict);
  const started = { ...scope, attempt: { ...scope.attempt, baseCommit: prepared.baseCommit } };
  const outcome = await runAgent(deps, started);
  if (scope.lease.signal.aborted) return endEarly(started);
  if (outcome.kind === 'held') return outcome;
  if (outcome.kind === 'failed') {
    return settleFailed(deps, started, { reason: outcome.reason, outputTail: outcome.output, again: true });
  }
  await finishAgent(deps.db, {
    attemptId: scope.attempt.id,
    token: scope.lease.token,
    outcome: 'done',
    outputTail: outcome.output,
  });
  return { kind: 'done' };
}

async function waitForPerson(
  deps: ActivityDependencies,
  scope: TryScope,
  conflict: Conflict,
): Promise<TaskOutcome> {
  const { place, input } = scope;
  const files = conflict.files.map((file) => file.path);
  await deps.db.transaction(async (tx) => {
    await setWorktreeStatus(tx, { worktreeId: place.worktree.id, status: 'conflict', conflict });
    await appendEvent(tx, {
      sessionId: input.sessionId,
      type: 'merge_conflict',
      epic: place.epic ?? undefined,
      task: input.task,
      data: { ...conflict, worktree: place.worktree.path },
      key: `conflict:${input.holder}`,
    });
  });
  const reason = `conflicts with what it depends on in ${files.join(', ')}; resolve it in ${place.worktree.path} and commit`;
  return settleFailed(deps, scope, { reason, again: false });
}
