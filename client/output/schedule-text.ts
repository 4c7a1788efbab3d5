import type { Colors } from 'picocolors/types';
import type { ScheduleView } from '../schedule/schedules';
import type { RunOutcome } from '../schedule/outcome';
import { firstLine, plural } from './units';

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
    ...schedule.runs.map((run) => `  ${local(run.at)}  ${paint(run, colours)}`),
    ...left.map((line) => `  ${line}`),
  ];
}

function standing({ paused, note, nextRun }: ScheduleView, colours: Colors): string {
  if (paused) return colours.yellow(`paused${note ? `: ${firstLine(note)}` : ''}`);
  return nextRun === null ? 'has no further run' : `next run ${local(nextRun)}`;
}

function paint({ kind, text }: RunOutcome, colours: Colors): string {
  const words = firstLine(text);
  if (kind === 'landed' || kind === 'idle') return colours.green(words);
  return kind === 'red' ? colours.red(words) : words;
}

/** `2026-11-25 02:00`, in the zone of whoever reads it. */
function local(iso: string): string {
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
