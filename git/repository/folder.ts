import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { launch } from '../process/launch';
import { COMMAND_LIMIT_MS } from '../process/time-limits';

async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
  }
}

/**
 * By a process of its own, where there is `rm`: for a worktree of 50,000 files, Node itself needs many seconds of its
 * main thread. False when something is left.
 */
async function removedByCommand(path: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  const { PATH = '' } = process.env;
  const options = { cwd: '/', env: { PATH }, timeLimitMs: COMMAND_LIMIT_MS, encoding: 'utf8' as const };
  const ended = await launch('rm', ['-rf', '--', path], options).catch(() => null);
  return ended?.exitCode === 0;
}

/** Deletes a folder, also when parts of it are read-only (module caches often are). No error when it is not there. */
export async function removeFolder(path: string): Promise<void> {
  if (!(await lstat(path).catch(() => null))) return;
  if (await removedByCommand(path)) return;
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 3 });
  await remove().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EACCES' && error.code !== 'EPERM') throw error;
    if ((await lstat(path)).isDirectory()) await makeWritable(path);
    await remove();
  });
}
