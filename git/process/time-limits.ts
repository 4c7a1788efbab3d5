const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** How long git, and what does its work, may take before it is ended: what hangs must not hang a session. */

/** A question about settings. */
export const SETTINGS_LIMIT_MS = 10 * SECOND;

/** An answer of a process that goes on running: each takes a moment. */
export const ANSWER_LIMIT_MS = MINUTE;

/** Any other command. */
export const COMMAND_LIMIT_MS = 5 * MINUTE;

/** What goes over the network. */
export const PUSH_LIMIT_MS = 10 * MINUTE;

/** A ref that is held while the files of a checkout move: longer than a command in between. */
export const REF_LOCK_LIMIT_MS = 10 * MINUTE;

/** Ten large checkouts at once share a disk. */
export const CHECKOUT_LIMIT_MS = 30 * MINUTE;

/** From SIGTERM to SIGKILL: time for a process to remove its lock files. */
export const GRACE_MS = 3 * SECOND;

/** How long git processes of a killed worker are waited for, before they are ended: longer than their worker would have. */
export const ORPHANS_END_WITHIN_MS = 5 * SECOND;
