import { ActivityFailure, CancellationScope, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { TaskInput, TaskOutcome } from '../activities/scope/contract';
import { startOf } from '../domain/cut-text';
import { CANCELLED_TASK } from '../domain/scheduler';
import { rootMessage } from './failure';
import { taskSettledSignal, type Order } from './messages';
import type { EpicInput } from './epic-input';
import { mend } from './mend';
import { hold, tellParent, type Held } from './parent';
import { long, short, timeFor } from './proxies';
import { createTaskStop } from './task-stop';

type TaskOrder = Extract<Order, { kind: 'task' }>;
type Settled = Exclude<TaskOutcome, Held | { kind: 'conflict' }>;

/** The tasks of one epic, run one after the other as the parent orders them. */
export interface TaskRuns {
  /** Tries a task until it is settled, and tells the parent how. */
  run(order: TaskOrder): Promise<void>;
  /** Ends a task that runs or waits among the orders; what it has written is kept. */
  stop(task: number): void;
}

export function createTaskRuns(input: EpicInput, orders: Order[]): TaskRuns {
  const stop = createTaskStop();
  /** Tries are counted on when a person has a task tried again: each has a name of its own. */
  const tries = new Map<number, number>();

  const untilSettled = async (order: TaskOrder): Promise<Settled> => {
    let last = (tries.get(order.task) ?? 0) + input.maxAttempts;
    for (;;) {
      const number = (tries.get(order.task) ?? 0) + 1;
      tries.set(order.task, number);
      const task = taskInput(input, order.task, number, number >= last);
      let outcome = await tryTask(input, order, task);
      while (outcome.kind === 'held') {
        await hold(input, order.task, outcome, orders);
        outcome = await tryTask(input, order, task);
      }
      if (outcome.kind === 'conflict') {
        const mended = await mend(input, { task: order.task }, orders);
        if (!mended.ok) return settled(await short.failTask({ ...task, reason: outcome.reason }));
        // The conflict was not the task's own failure.
        last += 1;
        continue;
      }
      if (outcome.kind === 'done' || !outcome.again || number >= last) return outcome;
    }
  };

  /** Whatever the activity did before it ended: looked at, undone and recorded by another one. */
  const settleStopped = async (task: number): Promise<Settled> => {
    const stopped = taskInput(input, task, tries.get(task) ?? 1, true);
    return settled(await short.failTask({ ...stopped, reason: CANCELLED_TASK }));
  };

  return {
    async run(order) {
      const outcome = await stop.run(order.task, () => untilSettled(order));
      await report(input, order.task, outcome === 'stopped' ? await settleStopped(order.task) : outcome);
    },
    stop(task) {
      stop.stop(
        task,
        orders.some((order) => order.kind === 'task' && order.task === task),
      );
    },
  };
}

const settled = (outcome: TaskOutcome): Settled =>
  outcome.kind === 'held' || outcome.kind === 'conflict'
    ? { kind: 'failed', reason: outcome.reason, again: false }
    : outcome;

function taskInput(
  { sessionId, epic }: EpicInput,
  task: number,
  number: number,
  lastTry: boolean,
): TaskInput {
  const { workflowId, runId } = workflowInfo();
  const holder = `${workflowId}/${runId}/${activityName(task, number)}`;
  return { sessionId, epic, task, holder, try: number, lastTry };
}

const activityName = (task: number, number: number) => `T${task}-try-${number}`;

async function tryTask(input: EpicInput, order: TaskOrder, task: TaskInput): Promise<TaskOutcome> {
  const id = activityName(order.task, task.try);
  const summary = `T${order.task} ${order.title}, ${order.agent}, try ${task.try}`;
  const options = (activity: 'runTask' | 'completeTask', activityId: string) => ({
    ...timeFor(activity, input.taskTimeoutMinutes),
    activityId,
    summary,
  });
  try {
    const ran = await long.runTask.executeWithOptions(options('runTask', id), [task]);
    if (ran.kind !== 'done' || ran.complete) return ran;
    return await long.completeTask.executeWithOptions(options('completeTask', `${id}-commit`), [task]);
  } catch (error) {
    return await afterError(task, error);
  }
}

/** An activity that ended without an outcome: no retry can help any more, so the task failed, for this reason. */
async function afterError(task: TaskInput, error: unknown): Promise<TaskOutcome> {
  const cancelled = isCancellation(error) || CancellationScope.current().consideredCancelled;
  if (cancelled || !(error instanceof ActivityFailure)) throw error;
  const reason = rootMessage(error);
  return short.failTask({ ...task, reason });
}

async function report(input: EpicInput, task: number, outcome: Settled): Promise<void> {
  if (outcome.kind === 'done' && outcome.told) return;
  await tellParent(taskSettledSignal, {
    sessionId: input.sessionId,
    task,
    ...(outcome.costUsd ? { costUsd: outcome.costUsd } : {}),
    ...(outcome.kind === 'done'
      ? { outcome: 'complete' }
      : { outcome: 'failed', reason: startOf(outcome.reason, 500) }),
  });
}
