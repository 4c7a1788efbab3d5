import { canonical } from '../repository/checkout';
import { excludeWorktrees } from '../repository/exclude';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';
import { discard } from './trash';

/**
 * A detached worktree of exactly one commit, for checks that must not see anything else. Replaces what a killed
 * check left at the path. Call it under the repository's lock.
 */
export async function addScratchWorktree(
  repo: Repository,
  request: { path: string; commit: string },
): Promise<void> {
  const path = await canonical(request.path);
  await excludeWorktrees(repo);
  await discard(repo, path);
  await gitOf(repo).run(['worktree', 'add', '--quiet', '--detach', path, request.commit]);
}

/** Removes it with everything in it. Call it under the repository's lock. Idempotent. */
export async function removeScratchWorktree(repo: Repository, path: string): Promise<void> {
  await discard(repo, await canonical(path));
}
