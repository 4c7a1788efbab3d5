import { lstat, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { worktreeEntry } from '../repository/checkout';
import { removeFolder } from '../repository/folder';
import type { Repository } from '../repository/repository';

/** Where a folder waits for deletion: renaming is one step, deleting is not. What is there goes with the worktree's trash. */
export function trashPrefix(path: string): string {
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

/**
 * Deletes what is out of everybody's way already, as far as that goes: a container that ran as root in a worktree may have
 * left files there that only root can delete, and nothing has to wait for that.
 * @returns why something is left, for a person; null when nothing is
 */
export async function deleteTrash(folder: string): Promise<string | null> {
  return removeFolder(folder).then(
    () => null,
    ({ code, message }: NodeJS.ErrnoException) =>
      `${folder} cannot be deleted (${code ?? message}): delete it by hand, with sudo if need be`,
  );
}

/** Finishes deletions of this worktree that a crash interrupted. @returns as `deleteTrash`, of the oldest that is left */
export async function emptyTrash(path: string): Promise<string | null> {
  const prefix = basename(trashPrefix(path));
  const names = await readdir(dirname(path)).catch(() => []);
  let left: string | null = null;
  for (const name of names.filter((one) => one.startsWith(prefix)).sort()) {
    const why = await deleteTrash(join(dirname(path), name));
    left ??= why;
  }
  return left;
}

/** Removes the folder of all worktrees when nothing is left in it. */
export async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch(() => undefined);
}
