const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12, 24].map((hours) => hours * HOUR),
];
const MOST = 10;

/** Round times from 0 to the total, at most ten and a few. */
export function ticks(totalMs: number): number[] {
  const day = 24 * HOUR;
  const step = STEPS.find((ms) => totalMs / ms <= MOST) ?? Math.ceil(totalMs / MOST / day) * day;
  return Array.from({ length: Math.floor(totalMs / step) + 1 }, (_, index) => index * step);
}
