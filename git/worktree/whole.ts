import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gitIn } from '../repository/checkout';
import { exists } from '../repository/exists';
import type { Repository } from '../repository/repository';

/**
 * Takes back what `git sparse-checkout` made of a worktree. Files that it leaves out are not deleted, and whoever works here
 * next begins with all of them. Call it when nothing runs there any more. @throws NotAWorktree
 */
export async function makeWhole(repo: Repository, worktree: string): Promise<void> {
  const git = await gitIn(repo, worktree);
  const patterns = join(git.gitDir, 'info', 'sparse-checkout');
  if (!(await exists(patterns))) return;
  await git.run(['sparse-checkout', 'disable']);
  await rm(patterns);
}
