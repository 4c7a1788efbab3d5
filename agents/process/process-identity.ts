import { readFile } from 'node:fs/promises';
import type { ProcessIdentity } from '../contract/agent';

const STAT_START_TIME = 22;

/** Start time of a process in clock ticks since boot, field 22 of /proc/<pid>/stat; null if it is gone or unknown. */
export async function startTimeOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The command name, field 2, is in parentheses and may hold spaces and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[STAT_START_TIME - 3] ?? null;
  } catch {
    return null;
  }
}

/**
 * Ends a process group that an earlier worker left behind, if it still is the one that was recorded. A leader
 * that exited leaves its group's id reserved while members live, so a reused pid cannot be hit by mistake
 * unless its start time says otherwise.
 */
export async function endStaleGroup({ pgid, startTime }: ProcessIdentity): Promise<boolean> {
  const now = await startTimeOf(pgid);
  if (now !== null && startTime !== null && now !== startTime) return false;
  return killGroup(pgid, 'SIGKILL');
}

/** False when the group is gone already. */
export function killGroup(pgid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pgid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
