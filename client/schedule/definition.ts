import type { ScheduleOptions } from '@temporalio/client';
import type { RunInput } from '../../domain/session/run-input';
import { RUN_PROJECT, WHEN_BUSY } from '../../workflows/messages';
import { TASK_QUEUE } from '../../domain/session/task-queue';
import { UsageError } from '../cli/exit';

/** A schedule of a project's sessions, as a person asks for it. */
export interface ScheduleDefinition {
  id: string;
  cron: string;
  timeZone: string;
  /** How late a run may start that was missed while the server was down, such as `1h`. */
  catchUp: string;
  pauseOnFailure: boolean;
  input: RunInput;
}

/**
 * As Temporal takes it. A run that is due while the one before still goes on is left out. One that meets a person's
 * session must not pause the schedule, and Temporal cannot be told which failures count: it ends as Completed then.
 */
export function scheduleOptions(definition: ScheduleDefinition): ScheduleOptions {
  const { id, cron, timeZone, catchUp, pauseOnFailure, input } = definition;
  return {
    scheduleId: id,
    spec: { cronExpressions: [cron], timezone: timeZone },
    action: {
      type: 'startWorkflow',
      workflowType: RUN_PROJECT,
      workflowId: id,
      taskQueue: TASK_QUEUE,
      args: [input],
      ...(pauseOnFailure ? { memo: { [WHEN_BUSY]: 'complete' } } : {}),
    },
    policies: { overlap: 'SKIP', catchupWindow: milliseconds(catchUp), pauseOnFailure },
  };
}

/** The same schedule as a command of the plain Temporal CLI. */
export function plainCommand(definition: ScheduleDefinition): string[] {
  const { id, cron, timeZone, catchUp, pauseOnFailure, input } = definition;
  return [
    ...['temporal', 'schedule', 'create', '--schedule-id', id, '--cron', cron, '--time-zone', timeZone],
    ...['--overlap-policy', 'Skip', '--catchup-window', catchUp],
    ...(pauseOnFailure ? ['--pause-on-failure', '--memo', `${WHEN_BUSY}="complete"`] : []),
    ...['--workflow-id', id, '--task-queue', TASK_QUEUE, '--type', RUN_PROJECT],
    ...['--input', JSON.stringify(input)],
  ];
}

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 };
const LEAST_CATCH_UP_MS = 10_000;

function milliseconds(text: string): number {
  const [, amount = '', unit = ''] = /^(\d{1,5})([smh])$/.exec(text) ?? [];
  const ms = Number(amount) * (UNITS[unit] ?? 0);
  if (ms >= LEAST_CATCH_UP_MS) return ms;
  throw new UsageError(`--catch-up must be a time of at least 10s, such as 30m or 1h, got "${text}"`);
}

/** @throws UsageError for a cron expression that has not five fields (the server judges the rest), or an unknown zone */
export function checkTimes({ cron, timeZone, catchUp }: ScheduleDefinition): void {
  const fields = cron.trim().split(/\s+/).length;
  if (!cron.startsWith('@') && fields !== 5)
    throw new UsageError(
      `--cron must have five fields: minute, hour, day, month, weekday, such as "0 2 * * *"; got "${cron}"`,
    );
  if (/TZ=/.test(cron)) throw new UsageError('--cron: give the zone by --time-zone, such as Europe/Berlin');
  milliseconds(catchUp);
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw new UsageError(`--time-zone must be a zone such as Europe/Berlin or UTC, got "${timeZone}"`);
  }
}
