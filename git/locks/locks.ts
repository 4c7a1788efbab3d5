import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OWNER_VARIABLE } from '../process/environment';
import { isAlive } from '../process/owner';

async function ownerOf(pid: string): Promise<string | undefined> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  const prefix = `${OWNER_VARIABLE}=`;
  return environment
    .split('\0')
    .find((variable) => variable.startsWith(prefix))
    ?.slice(prefix.length);
}

const processIds = async () => (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));

/** Git processes on this repository whose worker is dead; found by a mark in their environment (Linux only). */
async function orphans(gitDir: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await processIds()) {
    const owner = await ownerOf(pid);
    if (owner === undefined || (await isAlive(owner))) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.split('\0').some((word) => word.startsWith(gitDir))) found.push(Number(pid));
  }
  return found;
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It may have ended by itself at last.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const WAIT_MS = 5_000;

/**
 * Waits until git processes that a killed worker left behind on this repository have finished, and ends those
 * that have not after five seconds: until then their locks are not stale.
 */
export async function settleOrphans(gitDir: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  for (let left = await orphans(gitDir); left.length > 0; left = await orphans(gitDir)) {
    if (Date.now() > deadline) {
      left.forEach(end);
    }
    await delay(50);
  }
}

/** True when some git process works in one of these folders (Linux only; elsewhere false). */
export async function gitRunsIn(folders: string[]): Promise<boolean> {
  for (const pid of await processIds()) {
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    if (!name.startsWith('git')) continue;
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    if (folders.some((folder) => cwd === folder || cwd.startsWith(`${folder}/`))) return true;
  }
  return false;
}

/**
 * Removes every lock file at the top of a worktree's own folder, and its branch's. Only for a worktree
 * whose last owner is known to be dead.
 */
export async function removeWorktreeLocks(commonDir: string, gitDir: string, branch: string): Promise<void> {
  const names = await readdir(gitDir).catch(() => []);
  const locks = names.filter((name) => name.endsWith('.lock')).map((name) => join(gitDir, name));
  const branchLock = join(commonDir, 'refs', 'heads', `${branch}.lock`);
  const present = await readFile(branchLock).then(
    () => true,
    () => false,
  );
  if (present) locks.push(branchLock);
  if (locks.length === 0) return;
  await settleOrphans(commonDir);
  for (const lock of locks) await rm(lock, { force: true });
}
