import type { Colors } from 'picocolors/types';
import type { ScheduleView } from './schedules';
import type { RunOutcome } from './outcome';
import { firstLine } from '../text/units';
import { plural } from '../../domain/plural';

/** Each schedule: when, what next, and what came of the latest runs. */
export function schedulesText(schedules: readonly ScheduleView[], colours: Colors): string {
  return schedules.map((schedule) => scheduleLines(schedule, colours).join('\n')).join('\n\n');
}

function scheduleLines(schedule: ScheduleView, colours: Colors): string[] {
  const { id, project, cron, timeZone, skipped, missed } = schedule;
  const left = [
    skipped > 0 ? `${plural(skipped, 'run')} left out, as the one before went on` : '',
    missed > 0 ? `${plural(missed, 'run')} missed: nothing was up in time` : '',
  ].filter(Boolean);
  return [
    `${id}: ${firstLine(project)}, ${firstLine(cron) || 'no cron expression'} ${timeZone}`,
    `  ${standing(schedule, colours)}`,
    ...schedule.runs.map((run) => `  ${inZone(run.at, timeZone)}  ${paint(run, colours)}`),
    ...left.map((line) => `  ${line}`),
  ];
}

function standing({ paused, note, nextRun, timeZone }: ScheduleView, colours: Colors): string {
  if (paused) return colours.yellow(`paused${note ? `: ${firstLine(note)}` : ''}`);
  return nextRun === null ? 'has no further run' : `next run ${inZone(nextRun, timeZone)}`;
}

function paint({ kind, text }: RunOutcome, colours: Colors): string {
  const words = firstLine(text);
  if (kind === 'landed' || kind === 'idle') return colours.green(words);
  return kind === 'red' ? colours.red(words) : words;
}

/** `2026-11-25 02:00 Europe/Berlin`, in the schedule's zone, as its cron expression is meant; in UTC if this machine knows no such zone. */
function inZone(iso: string, timeZone: string): string {
  const format = { dateStyle: 'short', timeStyle: 'short' } as const;
  try {
    const time = new Intl.DateTimeFormat('sv-SE', { ...format, timeZone }).format(new Date(iso));
    return `${time} ${timeZone}`;
  } catch {
    return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
  }
}
