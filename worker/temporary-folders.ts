import { tmpdir } from 'node:os';
import { removeOldFolders } from '../agents/process/old-folders';
import { makerOf } from '../domain/temporary-name';

const HOUR_MS = 60 * 60_000;

/** Removes the temporary folders that killed processes left, now and each hour. Returns what ends that. */
export function sweepTemporaryFolders(): () => void {
  const sweep = () => void removeLeftFolders(tmpdir());
  sweep();
  const timer = setInterval(sweep, HOUR_MS).unref();
  return () => clearInterval(timer);
}

/**
 * Of an hour ago: a command may outlive the process that made its folder for a while, and the processes of another
 * container that shares the folder cannot be seen.
 */
export async function removeLeftFolders(directory: string, now = Date.now()): Promise<void> {
  const named = (name: string) => {
    const pid = makerOf(name);
    return pid !== null && !isRunning(pid);
  };
  await removeOldFolders(directory, { named, ageMs: HOUR_MS, now });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
