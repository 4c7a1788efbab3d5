/**
 * When a usage limit ends, as CLIs say it to people: `resets 3am (Europe/Berlin)`, `resets Sep 6 at 3:30pm (UTC)`,
 * `try again at 4:05 PM`, `try again at Apr 28th, 2026 10:03 PM`. Without a zone it is the one of this machine.
 */
const RESET = new RegExp(
  [
    /\b(?:resets?(?: at)?|try again at)\s+/,
    /(?:(?<month>[a-z]{3})[a-z]* (?<day>\d{1,2})(?:st|nd|rd|th)?(?:, (?<year>\d{4}))?(?:,| at)? )?/,
    /(?<hour>\d{1,2})(?::(?<minute>\d\d))?\s?(?<half>[ap])m\b/,
    /(?:\s*\((?<zone>[\w/+-]+)\))?/,
  ]
    .map(({ source }) => source)
    .join(''),
  'i',
);

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAY_MS = 24 * 60 * 60_000;
/** This long after a time of day it is still that one which is meant, and not the next day's: clocks differ. */
const JUST_OVER_MS = 30 * 60_000;

/** How long a limit goes on by what was said of it, in milliseconds; nothing where that is no time to come. */
export function limitIn(said: string, now: number): { forMs?: number } {
  const time = resetTimeIn(said, now);
  return time === undefined ? {} : { forMs: time - now };
}

/** In milliseconds; undefined where the text tells no time to come. */
export function resetTimeIn(said: string, now: number): number | undefined {
  const groups = RESET.exec(said)?.groups;
  if (!groups) return undefined;
  const zone = groups.zone && isZone(groups.zone) ? groups.zone : undefined;
  const today = wallClock(now, zone);
  const { month, day, year } = groups;
  const date = {
    year: year ? Number(year) : today.getUTCFullYear(),
    month: month ? MONTHS.indexOf(month.toLowerCase()) : today.getUTCMonth(),
    day: day ? Number(day) : today.getUTCDate(),
  };
  const hours = (Number(groups.hour) % 12) + (groups.half!.toLowerCase() === 'p' ? 12 : 0);
  const clock = Date.UTC(date.year, date.month, date.day, hours, Number(groups.minute ?? 0));
  const at = instantOf(clock, zone);
  if (month) return at > now ? at : undefined;
  const next = at > now ? at : instantOf(clock + DAY_MS, zone);
  return next - now > DAY_MS - JUST_OVER_MS ? undefined : next;
}

/** What clocks of the zone show, as if it were UTC. */
function wallClock(instant: number, timeZone: string | undefined): Date {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    ...{
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    },
  }).formatToParts(instant);
  const value = (name: string) => Number(parts.find(({ type }) => type === name)!.value);
  return new Date(
    Date.UTC(
      value('year'),
      value('month') - 1,
      value('day'),
      value('hour'),
      value('minute'),
      value('second'),
    ),
  );
}

/** The other way round; twice, since the first guess may lie on the other side of a change of the clocks. */
function instantOf(clock: number, zone: string | undefined): number {
  const offset = (instant: number) => wallClock(instant, zone).getTime() - instant;
  const guess = clock - offset(clock);
  return clock - offset(guess);
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
