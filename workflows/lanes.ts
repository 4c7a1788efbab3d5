import {
  CancelledFailure,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  sleep,
  startChild,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { startOf } from '../domain/cut-text';
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
  /** Passes an order on, `after` what has to come first, if anything has; starts the epic's workflow when none is open. */
  order(epic: number | null, name: string, order: Order, after?: Promise<unknown> | null): void;
  /** How many the workflow of one epic has had, of that which has had most. */
  mostOrders(): number;
  /** Cancels every open epic, also one whose start has not returned yet. */
  cancelAll(): void;
}

/** An epic of a session that was terminated or reset a moment ago may still be closing: wait this long for its id. */
const OPEN_ELSEWHERE_PATIENCE_SECONDS = 600;
/** The end of a child that is gone comes at once, unless the server is out of breath. */
const END_PATIENCE = '10s';

interface Lane {
  handle: Promise<EpicHandle>;
  sent: Promise<unknown>;
  orders: number;
  giveUp(): void;
}

/**
 * The session's child workflows. Everything here runs inside the caller's non-cancellable scope: a child whose
 * start is cancelled half-way is lost to its parent and runs on by itself, so a cancelled session instead
 * cancels each child once it is known to have started.
 */
export function createLanes(
  session: { sessionId: number; options: RunOptions },
  onEnd: (end: LaneEnd) => void,
): Lanes {
  const open = new Map<LaneId, Lane>();
  let mostOrders = 1;
  let cancelled = false;

  const start = (epic: number | null, name: string, first: Order, after: Promise<unknown> | null) => {
    const begin = () => startEpic(session, { epic, name, first }, () => cancelled);
    const handle = after ? after.then(begin) : begin();
    const lane: Lane = {
      handle,
      sent: handle.catch(() => undefined),
      orders: 1,
      giveUp: () => undefined,
    };
    const givenUp = new Promise<RunEpicResult>((resolve) => {
      lane.giveUp = () => resolve({ outcome: 'lost', reason: 'it no longer listens to its session' });
    });
    open.set(laneId(epic), lane);
    void Promise.race([endOf(handle), givenUp]).then((result) => {
      open.delete(laneId(epic));
      onEnd({ lane: laneId(epic), ...result });
    });
  };

  return {
    order(epic, name, order, after = null) {
      const lane = open.get(laneId(epic));
      if (!lane) return start(epic, name, order, after);
      mostOrders = Math.max(mostOrders, (lane.orders += 1));
      // One after the other, so that orders arrive in sequence. A child that is gone already says so by its end.
      const before = lane.sent;
      lane.sent = (after ? after.then(() => before) : before)
        .then(async () => (await lane.handle).signal(orderSignal, order))
        .catch(async () => {
          const ended = () => open.get(laneId(epic)) !== lane;
          if (ended() || (await condition(ended, END_PATIENCE))) return;
          // Somebody reset the session: its epics listen to the run before only, which is over.
          cancelById(epicWorkflowId(session.options.project, epic));
          lane.giveUp();
        });
    },
    mostOrders: () => mostOrders,
    cancelAll() {
      cancelled = true;
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
  { epic, name, first }: { epic: number | null; name: string; first: Order },
  isCancelled: () => boolean,
): Promise<EpicHandle> {
  const { maxAttempts, taskTimeoutMinutes, project } = options;
  for (let waited = 0; ; waited++) {
    if (isCancelled()) throw new CancelledFailure('The session was cancelled');
    try {
      return await startChild<typeof runEpic>('runEpic', {
        workflowId: epicWorkflowId(project, epic),
        args: [{ sessionId, epic, maxAttempts, taskTimeoutMinutes, first }],
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        workflowTaskTimeout: '5s',
        staticSummary: epic === null ? name : startOf(`Epic ${epic} ${name}`, 100),
      });
    } catch (error) {
      const busy = error instanceof WorkflowExecutionAlreadyStartedError;
      if (!busy || waited >= OPEN_ELSEWHERE_PATIENCE_SECONDS) throw error;
      // Nobody cancels the epics of a session that was reset, and only one session is open: it has no other parent.
      if (waited === 0) cancelById(epicWorkflowId(project, epic));
      await sleep('1s', { summary: `waits for ${laneId(epic)} of an earlier session to close` });
    }
  }
}

/** Also an epic that another run of the session started. */
function cancelById(workflowId: string): void {
  void getExternalWorkflowHandle(workflowId)
    .cancel()
    .catch(() => undefined);
}

async function endOf(handle: Promise<EpicHandle>): Promise<RunEpicResult> {
  try {
    return await (await handle).result();
  } catch (error) {
    return { outcome: isCancellation(error) ? 'cancelled' : 'lost', reason: rootMessage(error) };
  }
}
