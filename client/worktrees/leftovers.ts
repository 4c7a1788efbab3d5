import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WORKTREES_DIRECTORY } from '../../domain/names';
import type { Repository } from '../../git/repository/repository';
import { deleteTrash, emptyTrash, throwAway } from '../../git/worktree/trash';

/** Names that only the system gives: folders on their way out, and checkouts in which merges are verified. */
const TRASH = /^\.trash-/;
const SCRATCH = /^\.verify(-|$)/;

async function folders(repository: Repository, names: RegExp): Promise<string[]> {
  const folder = join(repository.path, WORKTREES_DIRECTORY);
  const found = await readdir(folder).catch(() => [] as string[]);
  return found.filter((name) => names.test(name)).map((name) => join(folder, name));
}

/**
 * Makes trash of the checkouts that a killed worker left. Call it under the repository's lock, and while no session is
 * open: nobody verifies a merge.
 * @returns where they were, for `removeTrash`
 */
export async function throwScratchAway(repository: Repository): Promise<string[]> {
  const scratch = (await folders(repository, SCRATCH)).sort();
  for (const path of scratch) await throwAway(repository, path);
  return scratch;
}

/** Deletes what nobody needs any more, and tells the folders as they were called; it needs no lock. */
export async function removeTrash(
  repository: Repository,
  scratch: string[],
): Promise<{ cleaned: string[]; problems: string[] }> {
  const left = new Map<string, string | null>();
  for (const path of scratch) left.set(path, await emptyTrash(path));
  const trash = (await folders(repository, TRASH)).sort();
  for (const path of trash) left.set(path, await deleteTrash(path));
  const cleaned = [...trash, ...scratch].filter((path) => left.get(path) === null);
  return { cleaned, problems: [...new Set([...left.values()].filter((why) => why !== null))] };
}
