import { lstat, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { canonical } from '../repository/checkout';
import { textOf } from '../repository/text-of';

/** The file by which the git of whoever works in a worktree finds its repository. Ours is told where that is. */
const fileIn = (path: string) => join(path, '.git');

/** Where it says that the repository is; null where there is no such file. */
export async function linkIn(path: string): Promise<string | null> {
  return /^gitdir: (.+?)\n?$/.exec((await textOf(fileIn(path))) ?? '')?.[1] ?? null;
}

/** Whether it leads to the worktree's own folder in the repository. */
export async function leadsTo(path: string, entry: string): Promise<boolean> {
  const to = await linkIn(path);
  return to !== null && (await canonical(resolve(path, to))) === (await canonical(entry));
}

/**
 * Without it, git would take the user's checkout above for where it is, and work there; or a repository that somebody made in
 * its place, whose commits are on no branch of ours. Such a repository is kept beside the worktree.
 * @returns where that is now; null when there was none
 */
export async function mendLink(path: string, entry: string): Promise<string | null> {
  if (await leadsTo(path, entry)) return null;
  const found = await lstat(fileIn(path)).catch(() => null);
  const kept = found?.isDirectory() ? `${path}.git-${Date.now()}` : null;
  if (kept) await rename(fileIn(path), kept);
  else await rm(fileIn(path), { force: true });
  await writeFile(fileIn(path), `gitdir: ${entry}\n`);
  return kept;
}
