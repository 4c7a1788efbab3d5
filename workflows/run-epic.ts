import {
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
} from '@temporalio/workflow';
import { startOf } from '../domain/cut-text';
import type { LaneOutcome } from '../domain/scheduler';
import { refusal } from './failure';
import { orderSignal, type Order } from './messages';
import { onSignal } from './on-signal';
import { cleanup } from './proxies';
import type { EpicInput } from './epic-input';
import { mend } from './mend';
import { createTaskRuns } from './task-runs';

export interface RunEpicInput extends EpicInput {
  first: Order;
}

export interface RunEpicResult {
  outcome: LaneOutcome;
  reason?: string;
}

/**
 * One epic of a session: runs the tasks that its parent orders, one after the other, in the epic's worktree;
 * cleans up once the parent has landed it. It decides nothing: which task is next is the parent's business.
 */
export async function runEpic(input: RunEpicInput): Promise<RunEpicResult> {
  refuseByHand(input);
  const orders: Order[] = [input.first];
  const tasks = createTaskRuns(input, orders);
  const take = (order: Order) => (order.kind === 'cancel' ? tasks.stop(order.task) : void orders.push(order));
  onSignal(orderSignal, 'From the session: what to do next', take);
  try {
    for (;;) {
      await condition(() => orders.length > 0);
      const order = orders.shift()!;
      if (order.kind === 'task') await tasks.run(order);
      else if (order.kind === 'close') return await close(input, order.outcome);
      else if (order.kind === 'mend') return await mendLanding(input, order, orders);
    }
  } catch (error) {
    // An activity that was in retry back-off ends with its last error, not as cancelled: look at the scope.
    const cancelled = isCancellation(error) || CancellationScope.current().consideredCancelled;
    throw cancelled ? new CancelledFailure('The epic was cancelled') : error;
  }
}

/** What a person gives it on the command line, as they would to `runProject`. */
function refuseByHand(input: Partial<RunEpicInput> | null | undefined): void {
  if (input?.first?.kind === undefined)
    throw refusal('InvalidInput', 'runEpic is started by sessions only: start runProject');
}

/** An epic that landed has landed, whether its folder can be removed now or at the session's end. */
async function cleanUp({ sessionId, epic }: RunEpicInput): Promise<void> {
  try {
    await cleanup.cleanupWorktree({ sessionId, epic });
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
  }
}

async function close(lane: RunEpicInput, outcome: LaneOutcome): Promise<RunEpicResult> {
  if (outcome === 'landed' || outcome === 'nothing') await cleanUp(lane);
  return { outcome };
}

async function mendLanding(
  input: RunEpicInput,
  { verification }: { verification?: number },
  orders: Order[],
): Promise<RunEpicResult> {
  const mended = await mend(input, verification === undefined ? {} : { verification }, orders);
  if (mended.ok) return { outcome: 'mended' };
  return mended.reason
    ? { outcome: 'unmended', reason: startOf(mended.reason, 500) }
    : { outcome: 'unmended' };
}
