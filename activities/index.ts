import { cleanupWorktree } from './cleanup-worktree';
import { closeSession } from './close-session';
import { completeTask } from './complete-task';
import type { Activities } from './contract';
import { createControl } from './control';
import type { ActivityDependencies } from './dependencies';
import { failTask } from './fail-task';
import { translate } from './failure';
import { landStack } from './landing/land-stack';
import { mendEpic } from './mend/mend-epic';
import { recordHeld } from './landing/record-held';
import { loadTasks, openSession, recordBatches, reloadPlan } from './open-session';
import { requestCancel } from './request-cancel';
import { runTask } from './run-task';

export type { Activities } from './contract';
export type { ActivityDependencies } from './dependencies';
export { createHeartbeat } from './heartbeat';

/** The activities of a worker, over what the worker has put together. */
export function createActivities(deps: ActivityDependencies): Activities {
  const activities: Activities = {
    openSession: (input) => openSession(deps, input),
    loadTasks: (input) => loadTasks(deps, input),
    reloadPlan: (input) => reloadPlan(deps, input),
    recordBatches: (input) => recordBatches(deps, input),
    runTask: (input) => runTask(deps, input),
    completeTask: (input) => completeTask(deps, input),
    failTask: (input) => failTask(deps, input),
    ...createControl(deps),
    landStack: (input) => landStack(deps, input),
    mendEpic: (input) => mendEpic(deps, input),
    recordHeld: (input) => recordHeld(deps, input),
    cleanupWorktree: (input) => cleanupWorktree(deps, input),
    requestCancel,
    closeSession: (input) => closeSession(deps, input),
  };
  const translated = Object.entries(activities).map(([name, activity]) => [
    name,
    async (input: never) => {
      try {
        return await (activity as (input: never) => Promise<unknown>)(input);
      } catch (error) {
        throw translate(error, deps.redact);
      }
    },
  ]);
  return Object.fromEntries(translated) as Activities;
}
