import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WORKTREES_DIRECTORY } from '../../domain/names';
import { removeFolder } from '../../git/repository/folder';
import type { Repository } from '../../git/repository/repository';
import { removeScratchWorktree } from '../../git/worktree/scratch-worktree';

/** Names that only the system gives: folders on their way out, and checkouts in which merges are verified. */
const TRASH = /^\.trash-/;
const SCRATCH = /^\.verify(-|$)/;

/**
 * Removes what a killed worker left of its own making. Call it under the repository's lock.
 * @param idle no session is open: nobody verifies a merge
 * @returns the folders that are gone
 */
export async function removeLeftovers(
  repository: Repository,
  { idle }: { idle: boolean },
): Promise<string[]> {
  const folder = join(repository.path, WORKTREES_DIRECTORY);
  const names = await readdir(folder).catch(() => [] as string[]);
  const removed: string[] = [];
  for (const name of names.sort()) {
    const path = join(folder, name);
    if (TRASH.test(name)) await removeFolder(path);
    else if (SCRATCH.test(name) && idle) await removeScratchWorktree(repository, path);
    else continue;
    removed.push(path);
  }
  return removed;
}
