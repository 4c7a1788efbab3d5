import {
  condition,
  getExternalWorkflowHandle,
  type SignalDefinition,
  workflowInfo,
} from '@temporalio/workflow';
import type { TaskOutcome } from '../activities/scope/contract';
import type { EpicInput } from './epic-input';
import { taskHeldSignal, type Order } from './messages';

export type Held = Extract<TaskOutcome, { kind: 'held' }>;

/** Waits until the parent says that the session goes on. The try stays open: its conversation continues. */
export async function hold(
  input: EpicInput,
  task: number | null,
  { why, reason, forMs }: Held,
  orders: Order[],
): Promise<void> {
  await tellParent(taskHeldSignal, {
    sessionId: input.sessionId,
    epic: input.epic,
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

export async function tellParent<T>(signal: SignalDefinition<[T]>, message: T): Promise<void> {
  const parent = workflowInfo().parent;
  // By id alone: after a continue-as-new, the session is another run of it.
  if (parent) await getExternalWorkflowHandle(parent.workflowId).signal(signal, message);
}
