const ENDED = ['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT'];

/**
 * Whether a workflow of this status, as Temporal's client names it, may go on. One that somebody paused in Temporal itself
 * holds its id and goes on when it is let, and a status that is not known proves no end.
 */
export const isOpenStatus = (name: string): boolean => !ENDED.includes(name);
