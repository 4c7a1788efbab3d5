import {
  CancellationScope,
  CancelledFailure,
  ChildWorkflowFailure,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  setCurrentDetails,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { RunOptions } from '../domain/session/run-input';
import { BUSY_NOTE, type SessionResult } from '../domain/session/session-result';
import type { DrainLimits } from './drain';
import { asRefusal, refusal } from './failure';
import { short } from './proxies';
import { RUN_PROJECT, sessionWorkflowId, WHEN_BUSY } from './messages';

type RunProject = (options: RunOptions, limits?: DrainLimits) => Promise<SessionResult>;

/**
 * Runs the session as a child under its own id, and ends as it ends. Schedules append a timestamp to the id
 * that they start, so this is how a nightly run takes the same lock as everybody else.
 */
export async function runUnderSessionId(options: RunOptions, limits?: DrainLimits): Promise<SessionResult> {
  const scope = CancellationScope.current();
  return CancellationScope.nonCancellable(async () => {
    const session = await start(options, limits);
    if (session === null) return leftToOther(options);
    setCurrentDetails(
      `Runs the session ${session.workflowId}: see that workflow, and cancel that one or this.`,
    );
    // By id alone: after a continue-as-new, the session is another run of it. One that has just ended cannot be cancelled
    // any more: its result is on its way.
    void scope.cancelRequested
      .catch(() => getExternalWorkflowHandle(session.workflowId).cancel())
      .catch(() => undefined);
    try {
      return await session.result();
    } catch (error) {
      if (error instanceof ChildWorkflowFailure && isCancellation(error.cause)) await cancelSelf(scope);
      throw asOwn(error);
    }
  });
}

/** Null: a session of the project is open, and whoever started this run takes that for no failure. */
async function start(options: RunOptions, limits?: DrainLimits) {
  const workflowId = sessionWorkflowId(options.project);
  try {
    return await startChild<RunProject>(RUN_PROJECT, {
      workflowId,
      args: limits ? [options, limits] : [options],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: `Session of ${options.project}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    if (workflowInfo().memo?.[WHEN_BUSY] === 'complete') return null;
    throw refusal(
      'ProjectBusy',
      `${workflowId} is open already.\nFollow it: temporal workflow metadata -w ${workflowId}`,
    );
  }
}

/** A run that ends as Failed pauses a schedule with `--pause-on-failure`: one that another session makes needless must not. */
function leftToOther({ project }: RunOptions): SessionResult {
  const note = `${BUSY_NOTE}${sessionWorkflowId(project)} is open already`;
  setCurrentDetails(`${note}. Follow it: temporal workflow metadata -w ${sessionWorkflowId(project)}`);
  const tasks = { complete: 0, skipped: 0, failed: 0, blocked: 0, pending: 0 };
  const nothing = { epics: [], problems: [], durationSeconds: 0, costUsd: 0 };
  return { sessionId: 0, project, status: 'complete', tasks, ...nothing, notes: [note] };
}

/** A workflow ends as Cancelled only when it was asked to, and it cannot ask itself: an activity does. */
async function cancelSelf(scope: CancellationScope): Promise<void> {
  if (scope.consideredCancelled) return;
  const { workflowId, runId } = workflowInfo();
  await short.requestCancel({ workflowId, runId });
  await scope.cancelRequested.catch(() => undefined);
}

function asOwn(error: unknown): unknown {
  if (!(error instanceof ChildWorkflowFailure)) return error;
  const { cause } = error;
  if (isCancellation(cause)) return new CancelledFailure('The session was cancelled');
  return asRefusal(cause) ?? error;
}
