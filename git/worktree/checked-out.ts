import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { canonical } from '../repository/checkout';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';
import { createGit, GitError } from '../process/runner';
import { branchRef } from '../refs/refs';
import { symbolicHead } from '../refs/symbolic-head';
import { exists } from '../repository/exists';
import { textOf } from '../repository/text-of';
import { lockOf } from './worktree-list';

/** Where a linked worktree is; null when its folder is gone, which that of a locked one only seems to be. */
async function folderOf(entry: string): Promise<string | null> {
  const link = (await textOf(join(entry, 'gitdir')))?.trim();
  if (!link) return null;
  const path = await canonical(dirname(resolve(entry, link)));
  return (await exists(join(path, '.git'))) || (await lockOf(entry)) !== null ? path : null;
}

/** The ref that a linked worktree is on; null also for one that a crash left without a HEAD. */
async function refOf({ gitDir, identity, signal }: Repository, entry: string): Promise<string | null> {
  return symbolicHead(createGit({ gitDir: entry, commonDir: gitDir, identity, signal })).catch((error) => {
    if (error instanceof GitError && error.exitCode !== null) return null;
    throw error;
  });
}

/**
 * The paths of the checkouts that are on a branch, the user's own first. Reads every HEAD itself and starts no process, as
 * others wait meanwhile for the repository's lock.
 */
export async function checkoutsOf(repo: Repository, branch: string): Promise<string[]> {
  const wanted = branchRef(branch);
  const found = !repo.bare && (await symbolicHead(gitOf(repo))) === wanted ? [repo.path] : [];
  const folder = join(repo.gitDir, 'worktrees');
  for (const name of await readdir(folder).catch(() => [])) {
    const entry = join(folder, name);
    const path = (await refOf(repo, entry)) === wanted ? await folderOf(entry) : null;
    if (path !== null) found.push(path);
  }
  return found;
}
