/** How long what stops may take to do it by itself, before it is ended. */

/** A step of coming up, such as initdb, that is better ended than cut off. */
export const STEP_ENDS_WITHIN_MS = 3_000;

/** Longer than a worker leaves itself to hand its agents over and to say goodbye to the servers. */
export const WORKER_STOPS_WITHIN_MS = 32_000;

export const TEMPORAL_STOPS_WITHIN_MS = 4_000;

export const POSTGRES_STOPS_WITHIN_MS = 6_000;

/** A supervisor stops all of them, one after the other, and ends those that do not. */
export const SUPERVISOR_STOPS_WITHIN_MS = 50_000;
