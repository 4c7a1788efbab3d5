import { cleanupWorktree } from './worktree/cleanup-worktree';
import { closeSession } from './session/close-session';
import { completeTask } from './task/complete-task';
import type { Activities } from './scope/contract';
import { createControl } from './session/control';
import type { ActivityDependencies } from './scope/dependencies';
import { failTask } from './task/fail-task';
import { translate } from './scope/failure';
import { landStack } from './landing/land-stack';
import { mendEpic } from './mend/mend-epic';
import { recordHeld } from './landing/record-held';
import { loadTasks, reloadPlan } from './session/load-plan';
import { openSession } from './session/open-session';
import { recordBatches } from './session/record-batches';
import { withoutRepository } from './session/repository-away';
import { requestCancel } from './session/request-cancel';
import { requireFit } from './scope/answer-size';
import { runTask } from './task/run-task';
import { unlessCancelled } from './scope/unless-cancelled';

export type { Activities } from './scope/contract';
export type { ActivityDependencies } from './scope/dependencies';
export { createHeartbeat } from './scope/heartbeat';

/** The activities of a worker, over what the worker has put together. */
export function createActivities(deps: ActivityDependencies): Activities {
  const activities: Activities = {
    openSession: (input) => openSession(deps, input),
    loadTasks: (input) => loadTasks(deps, input),
    reloadPlan: (input) => reloadPlan(deps, input),
    recordBatches: (input) => recordBatches(deps, input),
    runTask: unlessCancelled((input) => runTask(deps, input)),
    completeTask: unlessCancelled((input) => completeTask(deps, input)),
    failTask: (input) => failTask(deps, input),
    ...createControl(deps),
    landStack: unlessCancelled((input) => landStack(deps, input)),
    mendEpic: unlessCancelled((input) => mendEpic(deps, input)),
    recordHeld: (input) => recordHeld(deps, input),
    cleanupWorktree: (input) => cleanupWorktree(deps, input),
    requestCancel,
    closeSession: (input) => closeSession(deps, input),
  };
  const translated = Object.entries(activities).map(([name, activity]) => [
    name,
    async (input: never) => {
      try {
        const answer = await (activity as (input: never) => Promise<unknown>)(input);
        requireFit(name, answer);
        return answer;
      } catch (error) {
        throw await withoutRepository(deps, translate(error, deps.redact), input);
      }
    },
  ]);
  return Object.fromEntries(translated) as Activities;
}
