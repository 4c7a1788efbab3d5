import type { RetryRequest } from '../domain/session/retry-request';
import {
  BY_PERSON,
  type SchedulerCommand,
  type SchedulerEvent,
  type SchedulerState,
} from '../domain/scheduler';
import { short } from './proxies';
import type { BudgetRequest } from './update-checks';

/** Reasons of blocked tasks travel as a payload: this many of them stay far below its 2 MB. */
const BLOCKED_PER_RECORD = 2_000;

export type RecordedCommand = Extract<
  SchedulerCommand,
  { type: 'holdLane' | 'countAsDone' | 'failTask' | 'blockTasks' | 'unblockTasks' }
>;

/** What of a session's control is on record. */
export type RecordedControl = Pick<SchedulerState, 'pauseReason' | 'config'>;

/**
 * What a session has PostgreSQL know. Nothing waits for a record but what starts again, and the session does not end before
 * the last.
 */
export interface Records {
  command(sessionId: number, command: RecordedCommand, epic: number | null): void;
  /**
   * Until what is to start again is on record as such; null when it is. A record that is late, since it had to be tried
   * again, would undo what its next try has come to.
   */
  reopened(): Promise<unknown> | null;
  /** What people asked for, and what holds the session: how that was before the event, and is now. */
  control(
    sessionId: number,
    event: SchedulerEvent,
    change: { before: RecordedControl; now: RecordedControl },
  ): void;
  batches(sessionId: number, batches: number[][]): void;
  /** For whoever sent it: one that cannot be made is no reason for the session to end. */
  budget(sessionId: number, budget: BudgetRequest): Promise<void>;
  retry(sessionId: number, request: RetryRequest): Promise<void>;
  written(): Promise<unknown>;
}

export function createRecords(): Records {
  const records: Promise<void>[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let reopening: Promise<unknown> | null = null;
  /** One after the other: one that is tried again must not come after a later one about the same thing. */
  const inTurn = (make: () => Promise<void>): Promise<void> => {
    const record = last.then(make);
    // Whoever waits for it hears that it cannot be made. Until somebody does, that is not to count as unhandled.
    last = record.catch(() => undefined);
    return record;
  };
  const add = (make: () => Promise<void>): void => void records.push(inTurn(make));
  const untilReopened = (): void => {
    const on = last;
    reopening = on;
    void on.then(() => {
      if (reopening === on) reopening = null;
    });
  };
  return {
    command(sessionId, command, epic) {
      switch (command.type) {
        case 'holdLane': {
          const { outcome, reason, verification } = command;
          const by = verification === undefined ? {} : { verification };
          return add(() => short.recordHeld({ sessionId, epic, outcome, reason, ...by }));
        }
        case 'countAsDone':
          return add(() => short.recordSkipped({ sessionId, task: command.task }));
        case 'failTask':
          return add(() => short.recordFailed({ sessionId, task: command.task, reason: command.reason }));
        case 'blockTasks':
          for (let at = 0; at < command.tasks.length; at += BLOCKED_PER_RECORD) {
            const blocked = command.tasks.slice(at, at + BLOCKED_PER_RECORD);
            add(() => short.recordBlocked({ sessionId, blocked }));
          }
          return;
        case 'unblockTasks':
          add(() => short.recordUnblocked({ sessionId, tasks: command.tasks }));
          return untilReopened();
      }
    },
    reopened: () => reopening,
    control(sessionId, event, { before, now }) {
      const { pauseReason } = now;
      const { maxConcurrency } = now.config;
      // What a person asks for sets also right what the record may have wrong.
      const asked = event.type === 'pause' || (event.type === 'resume' && event.from === undefined);
      if (asked || pauseReason !== before.pauseReason)
        add(() =>
          short.recordPaused({ sessionId, paused: pauseReason !== null, reason: pauseReason ?? BY_PERSON }),
        );
      if (maxConcurrency !== before.config.maxConcurrency)
        add(() => short.recordConcurrency({ sessionId, maxConcurrency }));
    },
    batches: (sessionId, batches) => add(() => short.recordBatches({ sessionId, batches })),
    budget: (sessionId, budget) => inTurn(() => short.recordBudget({ sessionId, ...budget })),
    retry: (sessionId, request) => inTurn(() => short.recordRetry({ sessionId, ...request })),
    written: () => Promise.all(records),
  };
}
