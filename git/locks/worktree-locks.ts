import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { exists } from '../repository/exists';
import { fileSignature } from '../process/file-signature';
import { settleOrphans } from '../process/git-processes';

/** Longer than the user's own git, a `git gc` for example, holds one. */
const MOMENT_MS = 1_000;

/**
 * Removes every lock file at the top of a worktree's own folder, and its branch's. Only for a worktree
 * whose last owner is known to be dead.
 */
export async function removeWorktreeLocks(commonDir: string, gitDir: string, branch: string): Promise<void> {
  const names = await readdir(gitDir).catch(() => []);
  const locks = names.filter((name) => name.endsWith('.lock')).map((name) => join(gitDir, name));
  const branchLock = join(commonDir, 'refs', 'heads', `${branch}.lock`);
  if (await exists(branchLock)) locks.push(branchLock);
  if (locks.length === 0) return;
  await settleOrphans(commonDir);
  const before = await Promise.all(locks.map(fileSignature));
  await delay(MOMENT_MS);
  const now = await Promise.all(locks.map(fileSignature));
  for (const [at, lock] of locks.entries())
    // One that is gone may be another git's by now.
    if (now[at] !== null && now[at] === before[at]) await rm(lock, { force: true });
}
