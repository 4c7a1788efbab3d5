import {
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import type { LaneOutcome } from '../domain/scheduler';
import { orderSignal, type Order } from './messages';
import { cleanup, landing } from './proxies';
import { createTaskRuns, type EpicInput } from './task-runs';

export interface RunEpicInput extends EpicInput {
  first: Order;
}

export interface RunEpicResult {
  outcome: LaneOutcome;
  reason?: string;
}

/**
 * One epic of a session: runs the tasks that its parent orders, one after the other, in the epic's worktree;
 * merges when the parent grants it. It decides nothing: which task is next is the parent's business.
 */
export async function runEpic(input: RunEpicInput): Promise<RunEpicResult> {
  const orders: Order[] = [input.first];
  const tasks = createTaskRuns(input, orders);
  const take = (order: Order) => (order.kind === 'cancel' ? tasks.stop(order.task) : void orders.push(order));
  setHandler(orderSignal, take, { description: 'From the session: what to do next' });
  try {
    for (;;) {
      await condition(() => orders.length > 0);
      const order = orders.shift()!;
      if (order.kind === 'task') await tasks.run(order);
      else if (order.kind === 'close') return { outcome: order.outcome };
      else if (order.kind === 'land') return await land(input);
    }
  } catch (error) {
    // An activity that was in retry back-off ends with its last error, not as cancelled: look at the scope.
    const cancelled = isCancellation(error) || CancellationScope.current().consideredCancelled;
    throw cancelled ? new CancelledFailure('The epic was cancelled') : error;
  }
}

/** An epic that landed has landed, whether its folder can be removed now or at the session's end. */
async function cleanUp(lane: { sessionId: number; epic: number | null }): Promise<void> {
  try {
    await cleanup.cleanupWorktree(lane);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
  }
}

async function land({ sessionId, epic }: RunEpicInput): Promise<RunEpicResult> {
  const { outcome, reason } = await landing.integrateEpic({ sessionId, epic });
  if (outcome === 'landed' || outcome === 'nothing') await cleanUp({ sessionId, epic });
  return reason === undefined ? { outcome } : { outcome, reason };
}
