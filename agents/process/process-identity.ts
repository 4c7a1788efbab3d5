import { readFile } from 'node:fs/promises';

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
 * Sends a signal to a process, or to a group by its negative id. One that is gone has no need of it; one that became
 * another user (`sudo`) cannot be sent any.
 */
export function send(id: number, signal: NodeJS.Signals): void {
  try {
    process.kill(id, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
