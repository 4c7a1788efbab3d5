import { gitIn } from '../repository/checkout';
import { removeWorktreeLocks } from './worktree-locks';
import type { Repository } from '../repository/repository';

/**
 * Removes the locks that an agent's own git, ended in the middle of a command, left in its worktree. The caller
 * guarantees that nobody works there any more. @throws NotAWorktree
 */
export async function unlockWorktree(
  repo: Repository,
  { worktree, branch }: { worktree: string; branch: string },
): Promise<void> {
  const git = await gitIn(repo, worktree);
  await removeWorktreeLocks(git.commonDir, git.gitDir, branch);
}
