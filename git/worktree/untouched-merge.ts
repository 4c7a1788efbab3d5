import { parseMerge } from '../content/merge-tree';
import { gitIn } from '../repository/checkout';
import type { Repository } from '../repository/repository';
import { mergeHead } from './conflict';
import { filesOf } from './worktree-index';

/**
 * True when a worktree holds a conflict of ours exactly as `leaveConflict` leaves it: every file and every unresolved path is
 * what git makes of the two sides. What somebody has begun to resolve, or has begun to merge by another name, differs.
 */
export async function isUntouchedMerge(repo: Repository, worktree: string): Promise<boolean> {
  const git = await gitIn(repo, worktree);
  const theirs = await mergeHead(git);
  if (theirs === null) return false;
  // By the same names for the sides as in the merge: conflict markers carry them.
  const merged = await git.run(['merge-tree', '--write-tree', '-z', 'HEAD', theirs], { accept: [0, 1, 128] });
  if (merged.exitCode !== 1) return false;
  const { tree, unresolved } = parseMerge(merged.stdout);
  const { stdout } = await git.run(['ls-files', '-z', '--unmerged']);
  if (stdout !== unresolved.map((entry) => `${entry}\0`).join('')) return false;
  return (await filesOf(repo, worktree)).tree === tree;
}
