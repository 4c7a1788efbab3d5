const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** What a provider's limits of use mean in time. */

/** A CLI waits for shorter ones in its own process; longer waits are Temporal's. */
export const CLI_WAITS_FOR_MS = MINUTE;

/** A longer one holds the session, instead of being waited for by one task. */
export const LONG_LIMIT_MS = 5 * MINUTE;

/** Of one whose end is not told. */
export const UNKNOWN_LIMIT_MS = 5 * MINUTE;
