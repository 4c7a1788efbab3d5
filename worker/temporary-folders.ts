import { readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  for (const name of await readdir(directory).catch(() => [])) {
    const pid = makerOf(name);
    if (pid === null || isRunning(pid)) continue;
    const folder = join(directory, name);
    const changed = await stat(folder).catch(() => null);
    if (changed && now - changed.mtimeMs > HOUR_MS)
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
