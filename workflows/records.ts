import {
  BY_PERSON,
  type SchedulerCommand,
  type SchedulerEvent,
  type SchedulerState,
} from '../domain/scheduler';
import { short } from './proxies';

/** Reasons of blocked tasks travel as a payload: this many of them stay far below its 2 MB. */
const BLOCKED_PER_RECORD = 2_000;

export type RecordedCommand = Extract<
  SchedulerCommand,
  { type: 'holdLane' | 'failTask' | 'blockTasks' | 'unblockTasks' }
>;

/** What a session has PostgreSQL know. Nothing waits for a record, but the session does not end before the last. */
export interface Records {
  command(sessionId: number, command: RecordedCommand, epic: number | null): void;
  /** What people asked for, and what holds the session; before the scheduler takes it in. */
  control(sessionId: number, event: SchedulerEvent, state: SchedulerState): void;
  batches(sessionId: number, batches: number[][]): void;
  written(): Promise<unknown>;
}

export function createRecords(): Records {
  const records: Promise<void>[] = [];
  let last: Promise<unknown> = Promise.resolve();
  /** One after the other: one that is tried again must not come after a later one about the same thing. */
  const add = (make: () => Promise<void>): void => {
    const record = last.then(make);
    records.push(record);
    // `written` tells of a record that cannot be made. Until somebody waits there, it is not to count as unhandled.
    last = record.catch(() => undefined);
  };
  return {
    command(sessionId, command, epic) {
      switch (command.type) {
        case 'holdLane': {
          const { outcome, reason, verification } = command;
          const by = verification === undefined ? {} : { verification };
          return add(() => short.recordHeld({ sessionId, epic, outcome, reason, ...by }));
        }
        case 'failTask':
          return add(() => short.recordFailed({ sessionId, task: command.task, reason: command.reason }));
        case 'blockTasks':
          for (let at = 0; at < command.tasks.length; at += BLOCKED_PER_RECORD) {
            const blocked = command.tasks.slice(at, at + BLOCKED_PER_RECORD);
            add(() => short.recordBlocked({ sessionId, blocked }));
          }
          return;
        case 'unblockTasks':
          return add(() => short.recordUnblocked({ sessionId, tasks: command.tasks }));
      }
    },
    control(sessionId, event, state) {
      // What holds a session that is paused already changes nothing about why it is.
      const held = (event.type === 'taskHeld' || event.type === 'laneHeld') && !state.paused;
      if (held || event.type === 'pause' || event.type === 'resume') {
        const reason = ('reason' in event ? event.reason : undefined) ?? BY_PERSON;
        add(() => short.recordPaused({ sessionId, paused: event.type !== 'resume', reason }));
      }
      if (event.type === 'setMaxConcurrency' && event.maxConcurrency !== state.config.maxConcurrency)
        add(() => short.recordConcurrency({ sessionId, maxConcurrency: event.maxConcurrency }));
      if (event.type === 'skipTask') add(() => short.recordSkipped({ sessionId, task: event.task }));
    },
    batches: (sessionId, batches) => add(() => short.recordBatches({ sessionId, batches })),
    written: () => Promise.all(records),
  };
}
