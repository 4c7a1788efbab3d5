import { sleep } from '@temporalio/workflow';
import { startOf } from '../domain/cut-text';

/** Whatever the provider says about when its limit ends, it is asked again after a day. */
const LONGEST_MS = 24 * 60 * 60_000;

/** `2026-11-25 14:03 UTC` */
export const limitEnd = (ms: number): string =>
  `${new Date(Date.now() + Math.min(ms, LONGEST_MS)).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Calls `onEnd` when a usage limit has ended by itself, unless the session is cancelled before. */
export function whenLimitEnds(ms: number, reason: string, onEnd: () => void): void {
  // Its cancellation, unhandled, would fail each workflow task of the session from then on.
  sleep(Math.min(ms, LONGEST_MS), { summary: startOf(reason, 100) }).then(onEnd, () => undefined);
}
