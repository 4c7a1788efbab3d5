import { setSessionStatus } from '../../db/session/session-pause';
import { blockTasks, failTask, skipTask, unblockTasks } from '../../db/task/task-status';
import { storeRetryRequest } from '../../db/task/retry-request';
import { setConcurrency } from '../../db/session/session-concurrency';
import { setBudget } from '../../db/session/session-budget';
import { projectOfSession } from '../../db/project/session-project';
import type { Activities } from '../scope/contract';
import type { ActivityDependencies } from '../scope/dependencies';

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
export const createControl = ({ db, redact }: ActivityDependencies): Control => ({
  recordFailed: async (input) => void (await failTask(db, input)),
  recordBlocked: (input) => blockTasks(db, input),
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
});
