import {
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
  type SignalDefinition,
  workflowInfo,
} from '@temporalio/workflow';
import type { TaskInput, TaskOutcome } from '../activities/contract';
import type { LaneOutcome } from '../domain/scheduler';
import { rootMessage } from './failure';
import { orderSignal, taskHeldSignal, taskSettledSignal, type Order } from './messages';
import { agentOptions, agents, cleanup, landing, short } from './proxies';

export interface RunEpicInput {
  sessionId: number;
  /** Epic number; null is the lane of a sequential session. */
  epic: number | null;
  maxAttempts: number;
  taskTimeoutMinutes: number;
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
  setHandler(orderSignal, (order) => void orders.push(order), {
    description: 'From the session: what to do next',
  });
  try {
    for (;;) {
      await condition(() => orders.length > 0);
      const order = orders.shift()!;
      if (order.kind === 'continue') continue;
      if (order.kind === 'close') return { outcome: order.outcome };
      if (order.kind === 'land') return await land(input);
      await report(input, order.task, await runTask(input, order, orders));
    }
  } catch (error) {
    // An activity that was in retry back-off ends with its last error, not as cancelled: look at the scope.
    const cancelled = isCancellation(error) || CancellationScope.current().consideredCancelled;
    throw cancelled ? new CancelledFailure('The epic was cancelled') : error;
  }
}

type TaskOrder = Extract<Order, { kind: 'task' }>;
type Held = Extract<TaskOutcome, { kind: 'held' }>;
type Settled = Exclude<TaskOutcome, Held>;

async function runTask(input: RunEpicInput, order: TaskOrder, orders: Order[]): Promise<Settled> {
  for (let attempt = 1; ; attempt++) {
    let outcome = await tryTask(input, order, attempt);
    while (outcome.kind === 'held') {
      await hold(input, order.task, outcome, orders);
      outcome = await tryTask(input, order, attempt);
    }
    if (outcome.kind === 'done' || !outcome.again || attempt >= input.maxAttempts) return outcome;
  }
}

/** Waits until the parent says that the session goes on. The try stays open: its conversation continues. */
async function hold(
  input: RunEpicInput,
  task: number,
  { why, reason, forMs }: Held,
  orders: Order[],
): Promise<void> {
  await tellParent(taskHeldSignal, {
    sessionId: input.sessionId,
    task,
    why,
    reason,
    ...(forMs === undefined ? {} : { forMs }),
  });
  await condition(() => orders.some((order) => order.kind === 'continue'));
  orders.splice(
    orders.findIndex((order) => order.kind === 'continue'),
    1,
  );
}

async function tryTask(input: RunEpicInput, order: TaskOrder, attempt: number): Promise<TaskOutcome> {
  const id = `T${order.task}-try-${attempt}`;
  const info = workflowInfo();
  const task: TaskInput = {
    sessionId: input.sessionId,
    epic: input.epic,
    task: order.task,
    holder: `${info.workflowId}/${info.runId}/${id}`,
    try: attempt,
    lastTry: attempt >= input.maxAttempts,
  };
  const summary = `T${order.task} ${order.title}, ${order.agent}, try ${attempt}`;
  const options = agentOptions(input.taskTimeoutMinutes);
  try {
    const ran = await agents.runTask.executeWithOptions({ ...options, activityId: id, summary }, [task]);
    if (ran.kind !== 'done') return ran;
    return await agents.completeTask.executeWithOptions({ ...options, activityId: `${id}-commit`, summary }, [
      task,
    ]);
  } catch (error) {
    return await afterError(task, error);
  }
}

/** An activity that ended without an outcome: no retry can help any more, so the task failed, for this reason. */
async function afterError(task: TaskInput, error: unknown): Promise<TaskOutcome> {
  const cancelled = isCancellation(error) || CancellationScope.current().consideredCancelled;
  if (cancelled || !(error instanceof ActivityFailure)) throw error;
  const reason = rootMessage(error);
  await short.failTask({ ...task, reason });
  return { kind: 'failed', reason, again: false };
}

async function report(input: RunEpicInput, task: number, outcome: Settled): Promise<void> {
  await tellParent(taskSettledSignal, {
    sessionId: input.sessionId,
    task,
    ...(outcome.costUsd ? { costUsd: outcome.costUsd } : {}),
    ...(outcome.kind === 'done'
      ? { outcome: 'complete' }
      : { outcome: 'failed', reason: outcome.reason.slice(0, 500) }),
  });
}

/** An epic that landed has landed, whether its folder can be removed now or at the session's end. */
async function cleanUp(lane: { sessionId: number; epic: number | null }): Promise<void> {
  try {
    await cleanup.cleanupWorktree(lane);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
  }
}

async function tellParent<T>(signal: SignalDefinition<[T]>, message: T): Promise<void> {
  const parent = workflowInfo().parent;
  // By id alone: after a continue-as-new, the session is another run of it.
  if (parent) await getExternalWorkflowHandle(parent.workflowId).signal(signal, message);
}

async function land({ sessionId, epic }: RunEpicInput): Promise<RunEpicResult> {
  const { outcome, reason } = await landing.integrateEpic({ sessionId, epic });
  if (outcome === 'landed' || outcome === 'nothing') await cleanUp({ sessionId, epic });
  return reason === undefined ? { outcome } : { outcome, reason };
}
