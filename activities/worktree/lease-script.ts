import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandResult } from '../../agents/process/command-runner';
import { runScript, type ShellRequest } from '../../agents/process/shell';
import type { Lease } from '../scope/lease';

type Request = Omit<ShellRequest, 'onProcess' | 'afterProcess' | 'signal'> & { signal?: AbortSignal };

/** Runs a command of the project under a worktree's lease: its processes are on record there, and end with it. */
export function runUnderLease(lease: Lease, request: Request): Promise<CommandResult> {
  return runScript({
    ...request,
    signal: request.signal ?? lease.signal,
    onProcess: (process) => lease.onProcess(process),
    afterProcess: (process) => lease.afterProcess(process),
  });
}

const SETUP_TRIES = 5;
const SETUP_AGAIN_MS = 1_000;

/** What git says where another one writes into the settings that all worktrees share, and it does not wait. */
const SETTINGS_HELD = /could not lock config file/;

/**
 * The same for `setup`. Those of several worktrees begin at once, and `git submodule update --init` in each, or what puts
 * hooks in place, wants the repository's settings: then it runs again.
 */
export async function setUpUnderLease(lease: Lease, request: Request): Promise<CommandResult> {
  for (let tries = 1; ; tries++) {
    const result = await runUnderLease(lease, request);
    const failed = result.endedBy === 'exit' && result.exitCode !== 0;
    if (!failed || tries === SETUP_TRIES || !SETTINGS_HELD.test(result.output)) return result;
    await sleep(SETUP_AGAIN_MS, undefined, { signal: lease.signal }).catch(() => undefined);
  }
}
