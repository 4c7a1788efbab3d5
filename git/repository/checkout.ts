import { lstat, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Repository } from './repository';
import { createGit } from '../process/runner';
import type { Git } from '../process/runner';
import { textOf } from './text-of';

/**
 * A path without symbolic links in front of its last part. The last part is taken as it is: where an agent put a link
 * in the place of its worktree, the link is what is there, and never what it leads to.
 */
export async function canonical(path: string): Promise<string> {
  const absolute = resolve(path);
  const parent = await realpath(dirname(absolute)).catch(() => dirname(absolute));
  return join(parent, basename(absolute));
}

const isFolder = (path: string): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

async function leadsTo(entry: string, path: string): Promise<boolean> {
  const link = await textOf(join(entry, 'gitdir'));
  return link !== null && (await canonical(dirname(resolve(entry, link.trim())))) === path;
}

/**
 * The folder inside the repository that holds a linked worktree's HEAD and index, or null when the repository knows
 * no worktree at that path. The `.git` file in the worktree is not asked: an agent can write to it.
 */
export async function worktreeEntry(repo: Repository, path: string): Promise<string | null> {
  const wanted = await canonical(path);
  const folder = join(repo.gitDir, 'worktrees');
  const guess = join(folder, basename(wanted));
  if (await leadsTo(guess, wanted)) return guess;
  for (const name of await readdir(folder).catch(() => [])) {
    if (await leadsTo(join(folder, name), wanted)) return join(folder, name);
  }
  return null;
}

/** The folder inside the repository that holds a checkout's HEAD and index, whether its files are there or not. */
export async function gitDirOf(repo: Repository, path: string): Promise<string | null> {
  return (await canonical(path)) === repo.path && !repo.bare ? repo.gitDir : worktreeEntry(repo, path);
}

/** The path is not a worktree of the repository. */
export class NotAWorktree extends Error {
  override readonly name = 'NotAWorktree';

  constructor(readonly path: string) {
    super(`${path} is not a worktree of this repository: run yokeflow worktrees recover`);
  }
}

/** Git in the user's checkout or in a linked worktree. @throws NotAWorktree */
export async function gitIn(repo: Repository, worktree: string): Promise<Git> {
  const { identity, signal, gitDir: commonDir } = repo;
  const path = await canonical(worktree);
  if (path === repo.path && !repo.bare)
    return createGit({ gitDir: commonDir, workTree: path, identity, signal });
  const entry = await worktreeEntry(repo, path);
  if (!entry || !(await isFolder(path))) throw new NotAWorktree(path);
  return createGit({ gitDir: entry, commonDir, workTree: path, identity, signal });
}
