import { join } from 'node:path';
import { gitRunsIn } from '../process/git-processes';
import { gitDirOf } from '../repository/checkout';
import type { Repository } from '../repository/repository';
import { exists } from '../repository/exists';
import type { Worktree } from '../worktree/worktree-list';

/**
 * A checkout of the user's in which git holds the index, as `git checkout` does for as long as it writes files: it has looked
 * already where the branch is that it goes to, and HEAD does not show yet which one that is. If that branch moved now, the
 * checkout would be at the old commit, and look as if the user had staged the way back. Null when there is none.
 */
export async function switchingIn(repo: Repository, worktrees: Worktree[]): Promise<string | null> {
  const own = join(repo.path, '.worktrees', '/');
  for (const { path, prunable } of worktrees) {
    if (prunable || path.startsWith(own)) continue;
    const gitDir = await gitDirOf(repo, path);
    if (gitDir === null || !(await exists(join(gitDir, 'index.lock')))) continue;
    // A lock that was left behind is no reason to wait.
    if (await gitRunsIn([path, gitDir])) return path;
  }
  return null;
}
