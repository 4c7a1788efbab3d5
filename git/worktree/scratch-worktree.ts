import { canonical } from '../repository/checkout';
import { excludeWorktrees } from '../repository/exclude';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';
import { throwAway } from './trash';

/**
 * A detached worktree of exactly one commit, for checks that must not see anything else. Replaces what a killed
 * check left at the path. It has no files yet: `fillWorktree` is to follow. Call it under the repository's lock.
 */
export async function addScratchWorktree(
  repo: Repository,
  request: { path: string; commit: string },
): Promise<void> {
  const path = await canonical(request.path);
  await excludeWorktrees(repo);
  await throwAway(repo, path);
  await gitOf(repo).run(['worktree', 'add', '--quiet', '--detach', '--no-checkout', path, request.commit]);
}

/** Removes it; its files are still to be deleted, see `deleteRemoved`. Call it under the repository's lock. Idempotent. */
export async function removeScratchWorktree(repo: Repository, path: string): Promise<void> {
  await throwAway(repo, await canonical(path));
}
