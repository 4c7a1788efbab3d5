import type { CalendarSpecDescription, IntervalSpecDescription } from '@temporalio/client';

type Ranges = readonly { start: number | string; end?: number | string; step?: number }[];

const MONTHS = 'JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER'.split(
  ' ',
);
const DAYS = 'SUNDAY MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY'.split(' ');

/** The cron expression of a calendar: the server keeps no other trace of the one that a schedule was made with. */
export function cronText(calendar: CalendarSpecDescription): string {
  const { minute, hour, dayOfMonth, month, dayOfWeek } = calendar;
  return [
    field(minute, { least: 0, most: 59 }),
    field(hour, { least: 0, most: 23 }),
    field(dayOfMonth, { least: 1, most: 31 }),
    field(month, { least: 1, most: 12, names: MONTHS }),
    field(dayOfWeek, { least: 0, most: 6, names: DAYS }),
  ].join(' ');
}

interface Bounds {
  least: number;
  most: number;
  /** What stands for the numbers from `least` on. */
  names?: readonly string[];
}

function field(ranges: Ranges | undefined, bounds: Bounds): string {
  if (!ranges || ranges.length === 0) return '*';
  return ranges.map((range) => rangeText(range, bounds)).join(',');
}

function rangeText({ start, end, step = 1 }: Ranges[number], { least, most, names }: Bounds): string {
  const number = (value: number | string) =>
    typeof value === 'string' && names?.includes(value) ? names.indexOf(value) + least : Number(value);
  const [from, to] = [number(start), number(end ?? start)];
  const every = step > 1 ? `/${step}` : '';
  if (from === least && to === most) return `*${every}`;
  return to > from ? `${from}-${to}${every}` : String(from);
}

/** `@every 90m`, with `/15m` where it is counted from another moment than the full hour: what such an expression becomes. */
export function everyText({ every, offset }: IntervalSpecDescription): string {
  return `@every ${timeText(every)}${offset > 0 ? `/${timeText(offset)}` : ''}`;
}

function timeText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}
