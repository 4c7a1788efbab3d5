import { defaultPayloadConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';

type Event = temporal.api.history.v1.IHistoryEvent;
type Payloads = temporal.api.common.v1.IPayloads | null | undefined;

/** When a task came past each place on its way, in milliseconds since 1970, by the clocks of one machine. */
export interface Milestones {
  ordered?: number;
  received?: number;
  scheduled?: number;
  started?: number;
  commandBegan?: number;
  commandEnded?: number;
  completed?: number;
  reported?: number;
  heard?: number;
}

interface Message {
  task?: number;
  first?: { task?: number };
}

const timeOf = ({ eventTime }: Event): number =>
  Number(eventTime?.seconds ?? 0) * 1000 + (eventTime?.nanos ?? 0) / 1e6;

function taskIn(input: Payloads): number | undefined {
  const [payload] = input?.payloads ?? [];
  const message = payload ? defaultPayloadConverter.fromPayload<Message>(payload) : {};
  return message.task ?? message.first?.task;
}

/**
 * @param lanes the histories of the epics
 * @param commands for each task a line when its command begins, and one when it ends: task and time
 * @returns for each task, in the order of their commands
 */
export function milestonesOf(session: Event[], lanes: Event[][], commands: [number, number][]): Milestones[] {
  const tasks = new Map<number, Milestones>();
  const note = (task: number | undefined, what: keyof Milestones, at: number) => {
    if (task === undefined) return;
    const known = tasks.get(task) ?? {};
    known[what] ??= at;
    tasks.set(task, known);
  };
  for (const [task, at] of commands)
    note(task, tasks.get(task)?.commandBegan ? 'commandEnded' : 'commandBegan', at);
  for (const event of session) {
    const at = timeOf(event);
    note(taskIn(event.workflowExecutionSignaledEventAttributes?.input), 'heard', at);
    note(taskIn(event.signalExternalWorkflowExecutionInitiatedEventAttributes?.input), 'ordered', at);
    note(taskIn(event.startChildWorkflowExecutionInitiatedEventAttributes?.input), 'ordered', at);
  }
  for (const events of lanes) {
    const scheduled = new Map<string, number>();
    for (const event of events) {
      const at = timeOf(event);
      note(taskIn(event.workflowExecutionStartedEventAttributes?.input), 'received', at);
      note(taskIn(event.workflowExecutionSignaledEventAttributes?.input), 'received', at);
      note(taskIn(event.signalExternalWorkflowExecutionInitiatedEventAttributes?.input), 'reported', at);
      const { activityId } = event.activityTaskScheduledEventAttributes ?? {};
      const task = Number(/^T(\d+)-try-1$/.exec(activityId ?? '')?.[1]);
      if (task) scheduled.set(String(event.eventId), task);
      if (task) note(task, 'scheduled', at);
      const { activityTaskStartedEventAttributes: begun, activityTaskCompletedEventAttributes: done } = event;
      if (begun) note(scheduled.get(String(begun.scheduledEventId)), 'started', at);
      if (done) note(scheduled.get(String(done.scheduledEventId)), 'completed', at);
    }
  }
  return [...tasks.values()];
}
