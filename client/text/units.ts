import { shortened } from '../../domain/shortened';
import { harmless } from './harmless';

/** `850 ms` is `0.9 s`; `2 m 05 s`; `1 h 02 m`. */
export function duration(ms: number): string {
  const tenths = Math.round(ms / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`;
}

/** A duration that still grows, in whole seconds: `7 s`, `2 m 05 s`. */
export function elapsed(ms: number): string {
  return duration(Math.floor(ms / 1000) * 1000).replace('.0 s', ' s');
}

/** `0.42 USD`; amounts below a cent keep the two digits that matter. */
export function money(usd: number): string {
  const digits = usd > 0 && usd < 0.01 ? 1 - Math.floor(Math.log10(usd)) : 2;
  return `${usd.toFixed(digits)} USD`;
}

/** What was spent, where some of it may have no known price: that is never taken for nothing. */
export function cost(usd: number, unknown: boolean): string {
  if (!unknown) return money(usd);
  return usd > 0 ? `at least ${money(usd)}` : 'cost unknown';
}

/** `12 MB`; powers of 1000, as disks are sold. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let at = 0;
  let amount = count;
  for (; amount >= 999.5 && at < units.length - 1; at++) amount /= 1000;
  return `${at > 0 && amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${units[at]}`;
}

/** `3 d`, `5 h` or `12 min`: how old something is. */
export function age(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`;
}

/** `14:03:22`, local time. */
export function clock(iso: string): string {
  return new Date(iso).toTimeString().slice(0, 8);
}

/** `2026-11-28 14:03:22`, local time. */
export function dateAndClock(iso: string): string {
  const at = new Date(iso);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock(iso)}`;
}

export const shortCommit = (commit: string): string => commit.slice(0, 7);

/** Of the kinds that end a line in a terminal or a browser. */
export const LINE_BREAK = /[\n\r\v\f\u0085\u2028\u2029]/;

/** The first line of a text that may be long, without what could move a terminal's cursor. */
export function firstLine(text: string, limit = 200): string {
  const line = text
    .trim()
    .split('\n', 1)[0]!
    .replace(/\p{Cc}+/gu, ' ');
  return shortened(harmless(line), limit);
}
