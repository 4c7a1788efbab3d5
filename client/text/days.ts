import { dateAndClock } from './units';

const dayOf = (iso: string): string => dateAndClock(iso).slice(0, 'yyyy-mm-dd'.length);

/**
 * Names the day before the first line of each that is not today: lines begin with the time alone, and a session may take
 * a night, or be of last month. Nothing where the line before was of the same day.
 */
export function newDays(): (iso: string) => string[] {
  let day = dayOf(new Date().toISOString());
  return (iso) => {
    if (dayOf(iso) === day) return [];
    day = dayOf(iso);
    return [day];
  };
}
