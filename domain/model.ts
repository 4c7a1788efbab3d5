/** The words of the system: see "Vocabulary" in docs/architecture.md. */

export const DEPENDENCY_TYPES = ['hard', 'soft'] as const;
export type DependencyType = (typeof DEPENDENCY_TYPES)[number];

/** `pending` is also the status of a task that a later session should try again. */
export const TASK_STATUSES = ['pending', 'running', 'complete', 'failed', 'blocked', 'skipped'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** Nothing is left to do for a task: what depends on it may start, and its epic may land. Also of a scheduler's states. */
export const isFinished = (status: string): boolean => status === 'complete' || status === 'skipped';

export const SESSION_STATUSES = [
  'running',
  'paused',
  'complete',
  'incomplete',
  'cancelled',
  'failed',
] as const;
export type SessionStatus = (typeof SESSION_STATUSES)[number];

/** A session in one of these holds the project: no second one may open. */
export const OPEN_SESSION_STATUSES = ['running', 'paused'] as const satisfies readonly SessionStatus[];

export const ATTEMPT_STATUSES = ['running', 'complete', 'failed', 'cancelled', 'abandoned'] as const;
export type AttemptStatus = (typeof ATTEMPT_STATUSES)[number];

/** `merge`: not the task itself, but what kept its epic from being merged. */
export type AttemptPurpose = 'task' | 'merge';

/**
 * `active`: on disk, work in it. `conflict`: a person (or agent) has to resolve a merge in it.
 * `blocked`: finished, waits until it can land. `proposed`: finished, and somebody else merges its pull request.
 * `merged`: landed. `removed`: landed and gone from disk.
 */
export const WORKTREE_STATUSES = ['active', 'conflict', 'blocked', 'proposed', 'merged', 'removed'] as const;
export type WorktreeStatus = (typeof WORKTREE_STATUSES)[number];

/** What asks others to merge an epic, and the epic's commit that was pushed for it. */
export interface PullRequest {
  number: number;
  url: string;
  commit: string;
}

export const AGENTS = ['claude', 'claude-code', 'codex', 'command', 'script'] as const;
export type AgentName = (typeof AGENTS)[number];

export const MERGE_STRATEGIES = ['regular', 'squash'] as const;
export type MergeStrategy = (typeof MERGE_STRATEGIES)[number];

export const SCHEDULING_MODES = ['dependencies', 'batches'] as const;
export type SchedulingMode = (typeof SCHEDULING_MODES)[number];

/** What is done about an epic that cannot be merged, and about a task that failed. */
export const ON_CONFLICT = ['agent', 'wait', 'fail'] as const;
export const ON_FAILURE = ['continue', 'wait'] as const;

/** The kinds of conflict that `git merge-tree` reports, in its own words: `contents`, `add/add`, `modify/delete` ... */
export interface ConflictFile {
  path: string;
  kind: string;
}

/** What somebody who settled a merge left out of a file, although git had merged it by itself. */
export interface DroppedLines {
  path: string;
  /** How many lines. */
  count: number;
  /** The first of them, cut to a bearable length. */
  lines: string[];
  /** What was left out is that one side had deleted the file: it is there again. */
  deletion?: true;
}

/** A conflict is data, not an error: what could not be merged, and the two commits that disagree. */
export interface Conflict {
  /** What was being merged: landing the epic, or bringing a dependency's commit into its worktree. */
  during: 'landing' | 'sync';
  files: ConflictFile[];
  /** Commit ids: `ours` is the base branch when landing, the epic's branch when syncing. */
  ours: string;
  theirs: string;
  /** The tree of the worktree's files as they were left, markers and all: tells whether somebody has begun. */
  left?: string;
  /** Why it did not land the last time it was tried, where somebody has begun to resolve it. */
  held?: string;
}
