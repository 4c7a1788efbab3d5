const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** What a provider's limits of use mean in time. */

/** A CLI waits for shorter ones in its own process; longer waits are Temporal's. */
export const CLI_WAITS_FOR_MS = MINUTE;

/** A longer one holds the session, instead of being waited for by one task. */
export const LONG_LIMIT_MS = 5 * MINUTE;

/** Of one whose end is not told, the first time and in the end: people are told of each time that it holds the session. */
const UNKNOWN_LIMIT_MS = 5 * MINUTE;
const LONGEST_UNKNOWN_MS = 60 * MINUTE;

/** How long a limit whose end is not told is waited for, after so many times in a row. */
export const unknownLimitMs = (times: number): number =>
  Math.min(UNKNOWN_LIMIT_MS * 2 ** times, LONGEST_UNKNOWN_MS);
