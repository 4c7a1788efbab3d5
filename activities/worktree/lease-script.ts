import type { CommandResult } from '../../agents/process/command-runner';
import { runScript, type ShellRequest } from '../../agents/process/shell';
import type { Lease } from '../scope/lease';

/** Runs a command of the project under a worktree's lease: its processes are on record there, and end with it. */
export function runUnderLease(
  lease: Lease,
  request: Omit<ShellRequest, 'onProcess' | 'afterProcess' | 'signal'> & { signal?: AbortSignal },
): Promise<CommandResult> {
  return runScript({
    ...request,
    signal: request.signal ?? lease.signal,
    onProcess: (process) => lease.onProcess(process),
    afterProcess: (process) => lease.afterProcess(process),
  });
}
