/** From agents to their session: what has been spent so far. Its payload is `CostChanged` of the activities' contract. */
export const COST_CHANGED = 'costChanged';

/** To the session, from a task's activity or its epic: how the task ended. Its payload is `TaskSettled` of the same. */
export const TASK_SETTLED = 'taskSettled';
