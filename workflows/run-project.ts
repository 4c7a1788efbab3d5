import {
  ActivityFailure,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  makeContinueAsNewFunc,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { OpenedSession, OpenSessionInput } from '../activities/scope/contract';
import { keptOf, type KeptLane, type LaneId } from '../domain/scheduler';
import { parseRunInput, type RunInput, type RunOptions } from '../domain/session/run-input';
import { describeResult, MAX_LISTED, type SessionResult } from '../domain/session/session-result';
import { handleUpdates } from './control';
import { runUnderSessionId } from './delegate';
import type { DrainLimits } from './drain';
import { asRefusal, refusal, rootMessage } from './failure';
import {
  costChangedSignal,
  sessionWorkflowId,
  statusQuery,
  taskHeldSignal,
  taskSettledSignal,
} from './messages';
import { onSignal } from './on-signal';
import { short } from './proxies';
import { createSession, type Session } from './session';

const CANCELLED = 'The session was cancelled';

/** What a session carries over a continue-as-new; everything else is reloaded from PostgreSQL and git. */
export interface Continued extends DrainLimits {
  sessionId?: number;
  /** Why it is paused; null when it is not. */
  pauseReason?: string | null;
  maxConcurrency?: number;
  /** What nobody else knows of its lanes. */
  lanes?: Record<LaneId, KeptLane>;
}

/**
 * Runs a project's plan. Its workflow id, `yokeflow-<project>`, is the lock that keeps a second session out;
 * started under another id, it runs the session under that one and ends as it ends.
 *
 * @param input What the person wants; the only argument people pass.
 * @param continued Set by the session itself when it goes on with a fresh history.
 * @throws ApplicationFailure `InvalidInput`, `ProjectBusy` or `SessionIncomplete`.
 */
export async function runProject(input: RunInput, continued?: Continued): Promise<SessionResult> {
  const options = readOptions(input);
  if (workflowInfo().workflowId !== sessionWorkflowId(options.project))
    return runUnderSessionId(options, continued);

  const session = createSession(options, continued);
  // Before what people ask for while it loads: that is newer.
  if (continued) restore(session, continued);
  setHandler(statusQuery, () => session.view(), { description: 'The whole picture of the session, as JSON' });
  onSignal(taskSettledSignal, 'From an epic', (message) => session.settled(message));
  onSignal(taskHeldSignal, 'From an epic', (message) => session.held(message));
  onSignal(costChangedSignal, 'From an agent', (message) => session.costChanged(message));
  handleUpdates(session);
  // From here on a cancellation is an event like any other: children and activities end in an orderly way.
  const scope = CancellationScope.current();
  void scope.cancelRequested.catch(() => session.feed({ type: 'stop', how: 'cancel' }));
  return CancellationScope.nonCancellable(() => lead(session, { options, input, continued, scope }));
}

function readOptions(input: RunInput): RunOptions {
  const parsed = parseRunInput(input);
  if (!parsed.ok) throw refusal('InvalidInput', parsed.message);
  return parsed.options;
}

interface Start {
  options: RunOptions;
  input: RunInput;
  continued: Continued | undefined;
  /** Is cancelled with the workflow. */
  scope: CancellationScope;
}

async function lead(session: Session, { options, input, continued, scope }: Start): Promise<SessionResult> {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const before = continued?.sessionId;
  const opened = await orClose(before, () =>
    openOrRefuse(scope, {
      options,
      workflowId,
      runId: firstExecutionRunId,
      ...(before === undefined ? {} : { sessionId: before }),
    }),
  );
  const { sessionId } = opened;
  const how = { goesOn: before !== undefined, kept: continued?.lanes };
  const end = await orClose(sessionId, () => session.run(opened, how));
  await condition(allHandlersFinished);
  if (end === 'suspended') return goOn(session, input, { ...continued, sessionId });

  const lost = session.lost().slice(0, MAX_LISTED);
  const result = await short.closeSession({ sessionId, cancelled: end === 'cancelled', lost });
  if (end === 'cancelled') throw new CancelledFailure(CANCELLED, [result]);
  if (result.status !== 'complete') throw refusal('SessionIncomplete', describeResult(result), [result]);
  return result;
}

/**
 * What is wrong with project or repository becomes the session's own failure, not that of an activity in it. Cancelled
 * while something that it needs is away, it does not wait for that.
 */
async function openOrRefuse(scope: CancellationScope, input: OpenSessionInput): Promise<OpenedSession> {
  try {
    return await scope.run(() => short.openSession(input));
  } catch (error) {
    if (scope.consideredCancelled) throw new CancelledFailure(CANCELLED);
    throw error instanceof ActivityFailure ? (asRefusal(error.cause) ?? error) : error;
  }
}

/** A session that cannot run its plan still closes its row, if it has one: an open one would keep the project busy. */
async function orClose<T>(sessionId: number | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const cancelled = isCancellation(error);
    const how = cancelled ? { cancelled } : { cancelled, failure: rootMessage(error) };
    if (sessionId !== undefined) await short.closeSession({ sessionId, ...how });
    throw error;
  }
}

function restore(session: Session, { pauseReason, maxConcurrency }: Continued): void {
  if (pauseReason) session.feed({ type: 'pause', reason: pauseReason });
  if (pauseReason === null) session.feed({ type: 'resume' });
  // Nothing waits for the end of this limit any more: whoever still has it meets it again.
  if (pauseReason?.startsWith('limit:')) session.feed({ type: 'resume' });
  if (maxConcurrency !== undefined) session.feed({ type: 'setMaxConcurrency', maxConcurrency });
}

async function goOn(session: Session, input: RunInput, kept: Continued): Promise<never> {
  const state = session.state()!;
  const { pauseReason, config } = state;
  const again = makeContinueAsNewFunc<typeof runProject>();
  return again(input, { ...kept, pauseReason, maxConcurrency: config.maxConcurrency, lanes: keptOf(state) });
}
