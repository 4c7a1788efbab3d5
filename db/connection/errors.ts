import type { FailureType } from '../../domain/session/failures';

/** Every refusal of this layer: a one-line message that says what to do, and who acts next (`type`). */
export abstract class DatabaseFailure extends Error {
  constructor(
    readonly type: FailureType,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

export class DatabaseUnavailable extends DatabaseFailure {
  constructor(message: string, cause?: unknown) {
    super('DatabaseUnavailable', message, { cause });
  }
}

/** The statement had to give way to others, and was not carried out: it may be, if it is made again. */
export class GaveWay extends DatabaseFailure {
  constructor(
    /** The SQLSTATE. */
    readonly code: string,
    reason: string,
    cause: unknown,
  ) {
    super('DatabaseUnavailable', `PostgreSQL is too busy (${reason}): try again`, { cause });
  }
}

/** The server answers, but its database is not one that can be used: a person has to change it. */
export class DatabaseUnsuitable extends DatabaseFailure {
  constructor(message: string) {
    super('InvalidInput', message);
  }
}

/** The caller's token has been superseded, or its lease released: it must stop writing. */
export class LeaseLost extends DatabaseFailure {
  constructor(token: number) {
    super('LeaseLost', `lease token ${token} is no longer valid: a newer attempt owns the worktree, so stop`);
  }
}

export class SessionOpen extends DatabaseFailure {
  constructor(
    readonly sessionId: number,
    readonly workflowId: string,
  ) {
    super(
      'ProjectBusy',
      `session ${sessionId} of this project is open (workflow ${workflowId}): wait for it or cancel it first`,
    );
  }
}

export class PlanRefused extends DatabaseFailure {
  constructor(message: string) {
    super('InvalidInput', message);
  }
}

export class NotFound extends DatabaseFailure {
  constructor(message: string) {
    super('InvalidInput', message);
  }
}

/** Another process has been working in the repository for too long. */
export class RepositoryBusy extends DatabaseFailure {
  constructor(message: string) {
    super('GitFailed', message);
  }
}

export class WorktreeTaken extends DatabaseFailure {
  constructor(message: string) {
    super('RepositoryUnusable', message);
  }
}

/** Another project has run in the repository before. */
export class RepositoryTaken extends DatabaseFailure {
  constructor(message: string) {
    super('RepositoryUnusable', message);
  }
}
