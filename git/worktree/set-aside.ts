import { lstat, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { canonical, worktreeEntry } from '../repository/checkout';
import { removeWorktreeLocks } from '../locks/worktree-locks';
import { branchRef } from '../refs/refs';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';

/**
 * Takes a worktree that an agent has damaged out of the way, and puts its branch back to a commit; the next
 * `ensureWorktree` makes a new one. A folder is kept beside it under another name, since nobody can tell what in it
 * matters; a link is only unlinked. Returns where the folder is now. Call it under the repository's lock.
 */
export async function setAsideWorktree(
  repo: Repository,
  request: { path: string; branch: string; to: string | null },
): Promise<string | null> {
  const path = await canonical(request.path);
  const entry = await worktreeEntry(repo, path);
  await removeWorktreeLocks(
    repo.gitDir,
    entry ?? join(repo.gitDir, 'worktrees', basename(path)),
    request.branch,
  );
  if (entry) await rm(entry, { recursive: true, force: true });
  const found = await lstat(path).catch(() => null);
  const kept = found?.isDirectory() ? `${path}.broken-${Date.now()}` : null;
  if (kept) await rename(path, kept);
  else if (found) await rm(path, { force: true });
  if (request.to) await gitOf(repo).run(['update-ref', branchRef(request.branch), request.to]);
  return kept;
}
