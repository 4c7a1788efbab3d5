import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from './identity';

/**
 * Sends a signal to a process, or to a group by its negative id. One that is gone has no need of it; one that became
 * another user (`sudo`) cannot be sent any.
 */
export function send(id: number, signal: NodeJS.Signals, forgiven = ['ESRCH', 'EPERM']): void {
  try {
    process.kill(id, signal);
  } catch (error) {
    if (!forgiven.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** Sends a signal to this very process; one that is gone already is fine. */
export async function signal(identity: ProcessIdentity, name: NodeJS.Signals): Promise<void> {
  if (await isRunning(identity)) send(identity.pid, name, ['ESRCH']);
}

const KILLED_WITHIN_MS = 5_000;

/** Asks a process to end, waits `graceMs` milliseconds, then kills it. */
export async function endProcess(
  identity: ProcessIdentity,
  name: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  await signal(identity, name);
  if (await isGoneWithin(identity, graceMs)) return;
  await signal(identity, 'SIGKILL');
  await isGoneWithin(identity, KILLED_WITHIN_MS);
}

/** By a clock that nobody sets. */
export async function isGoneWithin(identity: ProcessIdentity, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (await isRunning(identity)) {
    if (performance.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}
