import { statusOf } from '../../git/content/status';
import { gitIn } from '../../git/repository/checkout';
import type { Repository } from '../../git/repository/repository';

/** True when files, index and HEAD of a worktree are the same and nothing is untracked (ignored files don't count). */
export const isClean = async (repo: Repository, worktree: string): Promise<boolean> =>
  (await statusOf(await gitIn(repo, worktree))).changed.length === 0;
