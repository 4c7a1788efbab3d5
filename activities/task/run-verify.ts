import type { CommandResult } from '../../agents/process/command-runner';
import { failureOf } from '../../agents/process/shell';
import type { ActivityDependencies } from '../scope/dependencies';
import type { Lease } from '../scope/lease';
import { runUnderLease } from '../worktree/lease-script';
import type { Place } from '../scope/place';
import { environmentOf } from '../worktree/environment';
import { commandTimeoutMs } from '../scope/time-limit';

interface Verification {
  place: Place;
  lease: Lease;
  /** Number of the task whose environment the command gets. */
  task: number;
  script: string;
  onLine?: (line: string) => void;
}

/** Runs a verify command in the lane's worktree; `reason` is null when it passed. */
export async function runVerify(
  deps: ActivityDependencies,
  { place, lease, task, script, onLine }: Verification,
): Promise<{ reason: string | null; result: CommandResult }> {
  const timeoutMs = commandTimeoutMs(place.options);
  const run = () =>
    runUnderLease(lease, {
      script,
      directory: place.worktree.path,
      environment: environmentOf(deps, place, task),
      timeoutMs,
      ...(onLine ? { onLine } : {}),
    });
  let result = await run();
  if (wasKilled(result)) result = await run();
  return { reason: failureOf('verify', result, { timeoutMs, redact: deps.redact }) || null, result };
}

/** What a shell makes of a command that SIGKILL ended. */
const KILLED = 128 + 9;

/**
 * Nobody here did that, but the kernel short of memory, or a person: it says nothing about the agent's work, which is
 * dear. A second time it does.
 */
const wasKilled = ({ endedBy, exitCode }: CommandResult): boolean =>
  endedBy === 'SIGKILL' || (endedBy === 'exit' && exitCode === KILLED);
