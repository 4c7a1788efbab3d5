/**
 * Every failure that crosses Temporal, and who acts next. Match on `type`, never on `instanceof`:
 * a failure that travelled through Temporal is no longer an instance of its class.
 */
export type NextActor = 'retry' | 'person' | 'nobody';

export const FAILURES = {
  /** The workflow's input or the plan is wrong; the message names the field. */
  InvalidInput: 'person',
  /** Another session of this project is open. */
  ProjectBusy: 'person',
  /** The session ended, but not everything landed; the details hold the result. */
  SessionIncomplete: 'person',
  /** The repository is gone, has no commits, or its base branch is missing. */
  RepositoryUnusable: 'person',
  /** In mid-session it vanished, or may only be read (a mount that is gone): looked for again until it is back. */
  RepositoryAway: 'retry',
  /** No pull request can be opened: no `gh`, no login, no remote. */
  PullRequestsUnavailable: 'person',
  /** The remote repository or its service does not answer. */
  HostingUnavailable: 'retry',
  /** The agent cannot run on this machine (not installed, no key). */
  AgentUnavailable: 'person',
  /** The provider says no: the key, the bill, the model, or the request itself. */
  ProviderRefused: 'person',
  /** The provider is overloaded, limits the rate, or cannot be reached. */
  ProviderUnavailable: 'retry',
  /** A newer attempt owns the worktree: whoever sees this must stop writing. */
  LeaseLost: 'nobody',
  /** Somebody else still owns the worktree and is alive. */
  LeaseHeld: 'retry',
  /** The worker was lost again and again, and another task may be to blame: one of them at a time. */
  WorkerAtRisk: 'retry',
  /** A git command failed in a way that may pass (a lock, a full disk). */
  GitFailed: 'retry',
  /** A new worktree would not fit on the disk: looked at again until it does. */
  DiskFull: 'retry',
  /** PostgreSQL does not answer. */
  DatabaseUnavailable: 'retry',
} as const satisfies Record<string, NextActor>;

export type FailureType = keyof typeof FAILURES;

/** The types that Temporal must not retry. */
export const NON_RETRYABLE_TYPES: string[] = Object.entries(FAILURES)
  .filter(([, actor]) => actor !== 'retry')
  .map(([type]) => type);
