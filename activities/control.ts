import { setSessionStatus } from '../db/session-pause';
import { blockTasks, failTask, skipTask, unblockTasks } from '../db/task-status';
import { setBudget } from '../db/session-budget';
import type { Activities } from './contract';
import type { ActivityDependencies } from './dependencies';

type Control = Pick<
  Activities,
  'recordFailed' | 'recordBlocked' | 'recordUnblocked' | 'recordSkipped' | 'recordPaused' | 'recordBudget'
>;

/** The parent's decisions, put on record. Each may run again: what is recorded already stays as it is. */
export const createControl = ({ db }: ActivityDependencies): Control => ({
  recordFailed: async (input) => void (await failTask(db, input)),
  recordBlocked: (input) => blockTasks(db, input),
  recordUnblocked: (input) => unblockTasks(db, input),
  recordSkipped: (input) => skipTask(db, input),
  recordBudget: (input) => setBudget(db, input),
  recordPaused: ({ sessionId, paused, reason }) =>
    setSessionStatus(db, { sessionId, status: paused ? 'paused' : 'running', reason }),
});
