import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { FAILURES, type FailureType } from '../../domain/session/failures';
import { RepositoryAway } from '../../git/repository/repository';

/** An activity's own failure of a known type. Whether Temporal retries it is decided by the type alone. */
export function fail(type: FailureType, message: string, retryAfterMs?: number): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: FAILURES[type] !== 'retry',
    ...(retryAfterMs === undefined ? {} : { nextRetryDelay: retryAfterMs }),
  });
}

/** Which failure an error of the git layer stands for; the database's errors carry their type themselves. */
const TYPE_OF_NAME: Record<string, FailureType> = {
  GitError: 'GitFailed',
  RepositoryProblem: 'RepositoryUnusable',
  RepositoryAway: 'RepositoryAway',
  WorktreeProblem: 'RepositoryUnusable',
};

/**
 * What crosses Temporal for an error: one of the types in `domain/session/failures.ts`, or the error itself, which
 * Temporal retries and shows with its stack, since nobody expected it.
 */
export function translate(error: unknown, redact: (text: string) => string): unknown {
  if (!(error instanceof Error) || error instanceof ApplicationFailure || error instanceof CancelledFailure)
    return error;
  if (isOutOfOrder(error)) return away(redact(error.message));
  const type = typeOf(error);
  if (type === 'RepositoryAway') return away(redact(error.message));
  if (!type) return redacted(error, redact);
  const { retryAfterMs } = error as { retryAfterMs?: number };
  const failure = fail(type, redact(error.message), retryAfterMs);
  failure.stack = '';
  return failure;
}

const LOOK_AGAIN_MS = 15_000;

const READ_ONLY = /\bEROFS\b|Read-only file system|Stale file handle/;

/** The repository's own settings; those of one worktree are that one's damage. */
const BROKEN_SETTINGS =
  /fatal: (?!.*\/worktrees\/[^/]+\/config\.worktree)(?:bad .*config|unable to access .*config|unknown error .* the configuration)/;

/** Nothing can be written where git or this process tried to, or no git starts there: a person has to put that right. */
export const isOutOfOrder = ({ message }: Error): boolean =>
  READ_ONLY.test(message) || BROKEN_SETTINGS.test(message);

/** For a moment, or for good: whoever does not have to wait for it does without. */
export const isAway = (error: unknown): error is Error =>
  error instanceof RepositoryAway || (error instanceof Error && isOutOfOrder(error));

function away(why: string): ApplicationFailure {
  const failure = fail(
    'RepositoryAway',
    `the repository cannot be used, and it goes on by itself once it can: ${why}`,
    LOOK_AGAIN_MS,
  );
  failure.stack = '';
  return failure;
}

/** Nobody expected it, so nobody knows what it says: Temporal keeps its message and its stack. */
function redacted(error: Error, redact: (text: string) => string): Error {
  const message = redact(error.message);
  const stack = redact(error.stack ?? '');
  if (message !== error.message) error.message = message;
  if (stack !== error.stack) error.stack = stack;
  return error;
}

function typeOf(error: Error): FailureType | undefined {
  const own = (error as { type?: unknown }).type;
  if (typeof own === 'string' && own in FAILURES) return own as FailureType;
  return TYPE_OF_NAME[error.name];
}
