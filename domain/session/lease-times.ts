/** The lease of a worktree, in time: each of these is longer than the one before. PostgreSQL's clock counts. */

/** How often whoever works in a worktree says so. */
export const RENEW_MS = 5_000;

/** A holder that left two renewals out: what it left running may be ended, where its session is over. */
export const QUIET_AFTER_MS = 10_000;

/** A holder that left three out is not at work any more: services may be restarted without interrupting it. */
export const AT_WORK_FOR_MS = 20_000;

/** A holder that has not renewed for so long is taken for dead: whoever asks may have its worktree. */
export const STALE_AFTER_MS = 30_000;
