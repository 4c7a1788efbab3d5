import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { removeOldFolders } from '../agents/process/old-folders';
import { makerOf } from '../domain/temporary-name';

const HOUR_MS = 60 * 60_000;
const LOOK_MS = 10_000;

/**
 * Removes the temporary folders that killed processes left, now and each hour, and puts back the folder that they are in
 * where it is gone: a shell, or a job of a cluster, may have had one of its own, and a worker outlives it. Returns what
 * ends that.
 */
export function keepTemporaryFolders(directory = tmpdir(), lookMs = LOOK_MS): () => void {
  const sweep = () => void removeLeftFolders(directory);
  const putBack = () => void mkdir(directory, { recursive: true, mode: 0o700 }).catch(() => undefined);
  putBack();
  sweep();
  const timers = [setInterval(putBack, lookMs).unref(), setInterval(sweep, HOUR_MS).unref()];
  return () => timers.forEach(clearInterval);
}

/**
 * Of an hour ago: a command may outlive the process that made its folder for a while, and the processes of another
 * container that shares the folder cannot be seen.
 */
export async function removeLeftFolders(directory: string): Promise<void> {
  const named = (name: string) => {
    const pid = makerOf(name);
    return pid !== null && !isRunning(pid);
  };
  await removeOldFolders(directory, { named, ageMs: HOUR_MS });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
