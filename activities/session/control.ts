import { setSessionStatus } from '../../db/session/session-pause';
import { blockTasks, failTask, skipTask, unblockTasks } from '../../db/task/task-status';
import { storeRetryRequest } from '../../db/task/retry-request';
import { setConcurrency } from '../../db/session/session-concurrency';
import { setBudget } from '../../db/session/session-budget';
import { projectOfSession } from '../../db/project/session-project';
import type { Activities } from '../scope/contract';
import type { ActivityDependencies } from '../scope/dependencies';
import { isAway } from '../scope/failure';
import { undoOpenTries } from './open-tries';

type Control = Pick<
  Activities,
  | 'recordFailed'
  | 'recordBlocked'
  | 'recordUnblocked'
  | 'recordSkipped'
  | 'recordRetry'
  | 'recordPaused'
  | 'recordBudget'
  | 'recordConcurrency'
>;

/** The parent's decisions, put on record. Each may run again: what is recorded already stays as it is. */
export const createControl = (deps: ActivityDependencies): Control => {
  const { db, redact } = deps;
  return {
    recordFailed: async (input) => void (await failTask(db, input)),
    async recordBlocked(input) {
      await blockTasks(db, input);
      await undoCancelled(deps, input);
    },
    recordUnblocked: (input) => unblockTasks(db, input),
    recordSkipped: (input) => skipTask(db, input),
    async recordRetry({ sessionId, instructions, ...request }) {
      const projectId = await projectOfSession(db, sessionId);
      const text = instructions === undefined ? {} : { instructions: redact(instructions) };
      await storeRetryRequest(db, { projectId, ...request, ...text });
    },
    recordBudget: (input) => setBudget(db, input),
    recordConcurrency: (input) => setConcurrency(db, input),
    recordPaused: ({ sessionId, paused, reason }) =>
      setSessionStatus(db, { sessionId, status: paused ? 'paused' : 'running', reason }),
  };
};

/**
 * What runs of these tasks is of an epic that was cancelled while its try waited, or while no worker ran it. Where the
 * repository is away, the end of the session sees to it.
 */
async function undoCancelled(
  deps: ActivityDependencies,
  { sessionId, blocked }: Parameters<Activities['recordBlocked']>[0],
): Promise<void> {
  const tasks = blocked.map(({ task }) => task);
  const end = { status: 'cancelled' as const, reason: 'its epic was cancelled' };
  await undoOpenTries(deps, { sessionId, tasks }, end).catch((error: unknown) => {
    if (!isAway(error)) throw error;
  });
}
