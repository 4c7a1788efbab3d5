/** From agents to their session: what has been spent so far. Its payload is `CostChanged` of the activities' contract. */
export const COST_CHANGED = 'costChanged';
