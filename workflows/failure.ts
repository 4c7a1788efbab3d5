import { ApplicationFailure } from '@temporalio/workflow';
import { FAILURES, type FailureType } from '../domain/session/failures';

/**
 * A failure that is an answer, not a defect. No stack: the Web UI would show it above the details, and it says
 * nothing to the person who reads it.
 */
export function refusal(type: FailureType, message: string, details: unknown[] = []): ApplicationFailure {
  const failure = ApplicationFailure.create({ type, message, details, nonRetryable: true });
  failure.stack = '';
  return failure;
}

/** The same refusal again, when `error` is one of ours; null otherwise. */
export function asRefusal(error: unknown): ApplicationFailure | null {
  if (!(error instanceof ApplicationFailure) || !error.type || !(error.type in FAILURES)) return null;
  return refusal(error.type as FailureType, error.message, error.details ?? []);
}

/** The message of the innermost cause: activity and child failures only say that something failed. */
export function rootMessage(error: unknown): string {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  return current instanceof Error ? current.message : String(current);
}
