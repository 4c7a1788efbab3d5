import { FAILURES, type FailureType } from '../../domain/session/failures';

/** An agent could not go on, through no fault of its work. `type` says who acts next; the message says what to do. */
export class AgentError extends Error {
  /** How long to wait before the next try, where the provider said so. */
  readonly retryAfterMs?: number;

  constructor(
    readonly type: FailureType,
    message: string,
    { retryAfterMs, ...options }: ErrorOptions & { retryAfterMs?: number } = {},
  ) {
    super(message, options);
    this.name = 'AgentError';
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
  }
}

/** Its key, say, is refused: every other try would be as well, until a person has seen to that. */
export const needsPerson = (error: unknown): error is AgentError =>
  error instanceof AgentError && FAILURES[error.type] === 'person';
