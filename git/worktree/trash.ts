import { lstat, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { worktreeEntry } from '../repository/checkout';
import { removeFolder } from '../repository/folder';
import type { Repository } from '../repository/repository';

/** Where a folder waits for deletion: renaming is one step, deleting is not. */
function trashPrefix(path: string): string {
  return join(dirname(path), `.trash-${basename(path)}-`);
}

/** Takes a worktree out of the repository's list; its files wait for `emptyTrash`, which needs no lock. */
export async function throwAway(repo: Repository, path: string): Promise<void> {
  const entry = await worktreeEntry(repo, path);
  if (await isThere(path)) await rename(path, `${trashPrefix(path)}${process.pid}-${Date.now()}`);
  // Only its own entry: `git worktree prune` would also take those of others whose folder is away for a moment.
  if (entry) await rm(entry, { recursive: true, force: true });
}

/** Also for a link that leads nowhere. */
const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** Finishes deletions of this worktree that a crash interrupted. */
export async function emptyTrash(path: string): Promise<void> {
  const prefix = basename(trashPrefix(path));
  for (const name of await readdir(dirname(path)).catch(() => [])) {
    if (name.startsWith(prefix)) await removeFolder(join(dirname(path), name));
  }
}

/** Removes the folder of all worktrees when nothing is left in it. */
export async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch(() => undefined);
}
