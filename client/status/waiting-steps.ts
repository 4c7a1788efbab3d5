import type { FailureType } from '../../domain/session/failures';
import { plural } from '../../domain/plural';
import type { Retry } from '../session/retries';
import type { NextStep } from './next-step';

/** Trouble with the machine or the network that only a person ends; the reason says how. */
const WAITS: FailureType[] = ['DiskFull', 'RepositoryAway', 'HostingUnavailable'];
const MOST_NAMED = 5;

/** What to do about work that waits for the disk, the repository or the network, one step for each reason. */
export function waitingSteps(retries: readonly Retry[]): NextStep[] {
  const reasons = new Map<string, string[]>();
  for (const { what, reason, type, running } of retries) {
    // What is tried anew goes on, unless it fails again.
    if (running || !WAITS.some((wait) => wait === type)) continue;
    // What comes after the first part names a worktree, and differs from task to task.
    const cause = reason.split('; ')[0]!;
    reasons.set(cause, [...(reasons.get(cause) ?? []), what]);
  }
  return [...reasons].map(([reason, whats]) => {
    const named = whats.slice(0, MOST_NAMED).join(', ');
    const more = whats.length - MOST_NAMED;
    const who = more > 0 ? `${named} and ${plural(more, 'other')}` : named;
    return { problem: `${who} ${whats.length > 1 ? 'wait' : 'waits'}: ${reason}`, commands: [] };
  });
}
