import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../repository/exists';
import { settleOrphans } from '../process/git-processes';

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
  for (const lock of locks) await rm(lock, { force: true });
}
