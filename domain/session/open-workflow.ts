const ENDED = ['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT'];

/**
 * Whether a workflow of this status, as Temporal's client names it, may go on. One that somebody paused in Temporal itself
 * holds its id and goes on when it is let, and a status that is not known proves no end.
 */
export const isOpenStatus = (name: string): boolean => !ENDED.includes(name);

/** A worker that is lost, or too slow once, is no reason: the task of a workflow is tried again at once. */
const TRIES = 5;

/** How often the task of a workflow failed that no worker can go on with; null for any other. */
export function failedTries(pending: { attempt?: number | null } | null | undefined): number | null {
  const tries = (pending?.attempt ?? 1) - 1;
  return tries < TRIES ? null : tries;
}
