const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/**
 * How activities are known to live, and how long they may take. A worker that is lost is noticed by what it does not say,
 * so that the time for the whole activity is only for one that hangs: it leaves room for all that has a limit of its own.
 */

/** How often an activity says that it lives. */
export const HEARTBEAT_MS = 1.5 * SECOND;

/** How long a worker may keep that to itself, to ask less of the server. */
export const HEARTBEAT_KEPT_MS = 2 * SECOND;

/** After this silence, the work of seconds is begun again. */
export const LOST_AFTER_MS = 5 * SECOND;

/** The same where a command runs, of which more is lost: a machine that is busy for a moment is no reason. */
export const COMMAND_LOST_AFTER_MS = 10 * SECOND;

/** When Temporal tries again: a worker that is replaced hands its work back, and the next one should take it up at once. */
export const FIRST_RETRY_MS = 200;
export const LONGEST_RETRY_MS = 30 * SECOND;

/** A lost worker is noticed, replaced, and its work taken up again within this time. */
export const TAKEN_UP_WITHIN_MS = 90 * SECOND;

/** For git, the database and whatever else an activity does beside commands: it may check out large files twice. */
export const ROOM_MS = 70 * MINUTE;

/** The project's `cleanup` command, where it ends a worktree: nothing waits for it. */
export const CLEANUP_LIMIT_MS = 4 * MINUTE;

/** After so long, no further clean-up is begun as a session closes. */
export const LAST_CLEANUP_BEGINS_MS = 30 * SECOND;

/** How often the base branch may move under a landing before it is handed back to a person. */
export const MAX_MOVES = 20;

/** How many commands may run in an activity, one after the other: each has the session's `taskTimeoutMinutes`. */
const COMMANDS = {
  /** `setup` and the agent. */
  runTask: 2,
  /** `verify`, once more where something killed it. */
  completeTask: 2,
  /** The agent, and `verify` as there. */
  mendEpic: 3,
  /** `setup`, `verify` and `cleanup`, for each time that the base branch moves. */
  landStack: 3 * MAX_MOVES,
};

/** Milliseconds that an activity in which commands run may take. */
export const activityLimitMs = (activity: keyof typeof COMMANDS, taskTimeoutMinutes: number): number =>
  Math.ceil(COMMANDS[activity] * taskTimeoutMinutes * MINUTE) + ROOM_MS;
