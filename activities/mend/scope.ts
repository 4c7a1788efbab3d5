import { listAttempts, type Attempt } from '../../db/task/attempts';
import { lastTaskOf, startMergeAttempt } from '../../db/landing/merge-attempts';
import { getTask } from '../../db/task/tasks';
import type { StoredTask } from '../../db/task/stored-task';
import type { Agent } from '../../agents/contract/agent';
import type { MendInput } from '../scope/contract';
import type { ActivityDependencies } from '../scope/dependencies';
import type { Lease } from '../scope/lease';
import { modelFor } from '../task/model-choice';
import type { Place } from '../scope/place';
import { agentNameOf } from '../task/task-agent';
import type { TryScope } from '../scope/try-scope';

/** One try at a merge. What it costs is charged to `task`. */
export interface MendScope extends TryScope {
  mend: MendInput;
}

/** Who mends, and at whose cost; null when a script is all that the epic has: it cannot judge a merge. */
export async function mender(
  deps: ActivityDependencies,
  place: Place,
  { epic, task }: MendInput,
): Promise<{ task: StoredTask; agent: Agent } | null> {
  const projectId = place.project.id;
  const number = task ?? (await lastTaskOf(deps.db, { projectId, epic }));
  if (number === null) return null;
  const stored = await getTask(deps.db, { projectId, task: number });
  const named = agentNameOf(stored, place.options);
  const name = named === 'script' ? place.options.agent : named;
  if (!name || name === 'script') return null;
  return { task: stored, agent: await deps.agents.find(name) };
}

export async function openMend(
  deps: ActivityDependencies,
  { place, lease, mend }: { place: Place; lease: Lease; mend: MendInput },
  { task, agent }: { task: StoredTask; agent: Agent },
): Promise<MendScope> {
  const countFailed = async () =>
    (await mergeTries(deps, task.id, mend)).filter(({ status }) => status === 'failed').length;
  const choice = await modelFor(agent.name, task, place.options, countFailed);
  const attempt = await startMergeAttempt(deps.db, {
    taskId: task.id,
    sessionId: mend.sessionId,
    worktreeId: place.worktree.id,
    key: mend.holder,
    token: lease.token,
    agent: agent.name,
    model: choice.model,
  });
  const { sessionId, epic, holder, lastTry } = mend;
  const input = { sessionId, epic, holder, lastTry, try: mend.try, task: task.number };
  return { place, input, task, attempt, lease, agent, mend, modelReason: choice.reason };
}

export async function mergeTries(
  { db }: ActivityDependencies,
  taskId: number,
  { sessionId }: MendInput,
): Promise<Attempt[]> {
  const attempts = await listAttempts(db, taskId);
  return attempts.filter(({ purpose, sessionId: of }) => purpose === 'merge' && of === sessionId);
}
