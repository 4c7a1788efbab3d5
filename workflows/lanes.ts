import {
  ChildWorkflowFailure,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  sleep,
  startChild,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { RunOptions } from '../domain/session/run-input';
import type { LaneId } from '../domain/scheduler';
import { rootMessage } from './failure';
import { epicWorkflowId, laneId, orderSignal, type Order } from './messages';
import type { runEpic, RunEpicResult } from './run-epic';

type EpicHandle = ChildWorkflowHandle<typeof runEpic>;

export interface LaneEnd extends RunEpicResult {
  lane: LaneId;
}

export interface Lanes {
  /** Passes an order on; starts the epic's workflow when none is open. */
  order(epic: number | null, name: string, order: Order): void;
  /** Cancels every open epic, also one whose start has not returned yet. */
  cancelAll(): void;
}

/** An epic of a session that was terminated a moment ago may still be closing: wait this long for its id. */
const OPEN_ELSEWHERE_PATIENCE_SECONDS = 600;

/**
 * The session's child workflows. Everything here runs inside the caller's non-cancellable scope: a child whose
 * start is cancelled half-way is lost to its parent and runs on by itself, so a cancelled session instead
 * cancels each child once it is known to have started.
 */
export function createLanes(
  session: { sessionId: number; options: RunOptions },
  onEnd: (end: LaneEnd) => void,
): Lanes {
  const open = new Map<LaneId, { handle: Promise<EpicHandle>; sent: Promise<unknown> }>();

  const start = (epic: number | null, name: string, first: Order) => {
    const handle = startEpic(session, epic, name, first);
    const lane = { handle, sent: handle.catch(() => undefined) };
    open.set(laneId(epic), lane);
    void endOf(handle).then((result) => {
      open.delete(laneId(epic));
      onEnd({ lane: laneId(epic), ...result });
    });
  };

  return {
    order(epic, name, order) {
      const lane = open.get(laneId(epic));
      if (!lane) return start(epic, name, order);
      // One after the other, so that orders arrive in sequence. A child that is gone already says so by its end.
      lane.sent = lane.sent
        .then(async () => (await lane.handle).signal(orderSignal, order))
        .catch(() => undefined);
    },
    cancelAll() {
      for (const { handle } of open.values()) {
        void handle
          .then((child) => getExternalWorkflowHandle(child.workflowId, child.firstExecutionRunId).cancel())
          .catch(() => undefined);
      }
    },
  };
}

async function startEpic(
  { sessionId, options }: { sessionId: number; options: RunOptions },
  epic: number | null,
  name: string,
  first: Order,
): Promise<EpicHandle> {
  const { maxAttempts, taskTimeoutMinutes, project } = options;
  for (let waited = 0; ; waited++) {
    try {
      return await startChild<typeof runEpic>('runEpic', {
        workflowId: epicWorkflowId(project, epic),
        args: [{ sessionId, epic, maxAttempts, taskTimeoutMinutes, first }],
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        workflowTaskTimeout: '5s',
        staticSummary: epic === null ? name : `Epic ${epic} ${name}`.slice(0, 100),
      });
    } catch (error) {
      const busy = error instanceof WorkflowExecutionAlreadyStartedError;
      if (!busy || waited >= OPEN_ELSEWHERE_PATIENCE_SECONDS) throw error;
      await sleep('1s', { summary: `waits for ${laneId(epic)} of an earlier session to close` });
    }
  }
}

async function endOf(handle: Promise<EpicHandle>): Promise<RunEpicResult> {
  try {
    return await (await handle).result();
  } catch (error) {
    const cancelled = error instanceof ChildWorkflowFailure && isCancellation(error.cause);
    return { outcome: cancelled ? 'cancelled' : 'lost', reason: rootMessage(error) };
  }
}
