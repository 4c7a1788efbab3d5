import type { SessionEvent } from '../../domain/session/events';
import type { SessionResult } from '../../domain/session/session-result';
import type { StatusView } from '../../domain/session/status-view';
import {
  cancelTaskUpdate,
  pauseUpdate,
  resumeUpdate,
  retryMergeUpdate,
  retryTaskUpdate,
  setBudgetUpdate,
  setMaxConcurrencyUpdate,
  skipTaskUpdate,
  statusQuery,
  type BudgetInput,
} from '../../workflows/messages';
import type { Connected } from '../cli/connect';
import { UsageError } from '../cli/exit';
import { followSession } from '../follow/follow';
import type { Hint } from '../text/hint';
import { handleOf, type SessionRef } from '../session/session';
import type { SessionEnd } from '../session/session-end';
import { sendUpdate, type UpdateRequest } from '../session/updates';
import { requireKnown } from './known-options';

export interface FollowOptions {
  /**
   * Called for every event of the session, each exactly once and in order, also across a lost connection. The next one
   * waits for a promise that it returns; what it throws ends the following, and not the session.
   */
  onProgress?: (event: SessionEvent) => void | Promise<void>;
  /** One line about the connection or the worker, for a person. */
  onNotice?: (line: string) => void;
  /** Stops following; the session goes on. */
  signal?: AbortSignal;
}

/** What a session came to. */
export interface CodingSessionOutcome {
  /** `complete`: everything landed. `detached`: it goes on, but `signal` stopped the following. */
  status: Exclude<SessionEnd['kind'], 'refused'>;
  /** Null when it ended before it was opened in the database. */
  sessionId: number | null;
  /** Epics, tasks and costs at the end; null where Temporal did not keep them. */
  result: SessionResult | null;
  /** Why not everything landed; empty when it did. */
  message: string;
}

/** A session of a project, to follow and to steer. Each change answers with one line about what it did. */
export interface CodingSession {
  project: string;
  workflowId: string;
  runId: string;
  /** False: it was open before, and goes on with the options that it was started with. */
  started: boolean;
  /** Follows it from its first event to its end. Throws `UsageError` when it could not run at all. */
  follow(options?: FollowOptions): Promise<CodingSessionOutcome>;
  /** The whole picture, as the workflow sees it now. */
  status(): Promise<StatusView>;
  pause(): Promise<string>;
  resume(): Promise<string>;
  setMaxConcurrency(agents: number): Promise<string>;
  setBudget(budget: BudgetInput): Promise<string>;
  retryTask(task: number): Promise<string>;
  skipTask(task: number): Promise<string>;
  /** Stops its agent; the work is kept, and the task counts as failed. */
  cancelTask(task: number): Promise<string>;
  retryMerge(epic: number): Promise<string>;
  /** Asks it to stop; uncommitted work is kept. `follow` tells when it has. */
  cancel(): Promise<void>;
}

export function codingSession(
  connected: Connected,
  session: SessionRef & { started: boolean },
  hint: Hint,
): CodingSession {
  const { project, workflowId, runId, started } = session;
  const handle = () => handleOf(connected.client, session);
  const send = (update: UpdateRequest['update'], ...args: UpdateRequest['args']) =>
    sendUpdate(connected.client, { project, update, args }, { hint, whenClosed: 'start one first' });
  return {
    ...{ project, workflowId, runId, started },
    follow: (options = {}) => follow(connected, session, options),
    status: () => handle().query(statusQuery),
    pause: () => send(pauseUpdate),
    resume: () => send(resumeUpdate),
    setMaxConcurrency: (agents) => send(setMaxConcurrencyUpdate, agents),
    setBudget: (budget) => send(setBudgetUpdate, budget),
    retryTask: (task) => send(retryTaskUpdate, task),
    cancelTask: (task) => send(cancelTaskUpdate, task),
    skipTask: (task) => send(skipTaskUpdate, task),
    retryMerge: (epic) => send(retryMergeUpdate, epic),
    cancel: async () => void (await handle().cancel()),
  };
}

async function follow(
  connected: Connected,
  session: SessionRef,
  options: FollowOptions,
): Promise<CodingSessionOutcome> {
  requireKnown(options, ['onProgress', 'onNotice', 'signal']);
  const { onProgress, onNotice, signal } = options;
  const { end, sessionId } = await followSession(connected, session, {
    onEvent: onProgress ?? (() => undefined),
    onNotice: onNotice ?? (() => undefined),
    signal: signal ?? new AbortController().signal,
  });
  if (end.kind === 'refused') throw new UsageError(end.message);
  return {
    status: end.kind,
    sessionId,
    result: 'result' in end ? end.result : null,
    message: 'message' in end ? end.message : 'nobody follows the session any more; it goes on',
  };
}
