import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseContent } from '../content/index-entries';
import { createGit } from '../process/runner';
import type { Git } from '../process/runner';
import { exists } from '../repository/exists';
import { textOf } from '../repository/text-of';
import { namesByPath } from './gitmodules';

/** A submodule of a checkout, wherever its own repository is. */
export interface Submodule {
  name: string;
  /** In the checkout. */
  path: string;
  /** The commit that the index names. */
  commit: string;
  /** Its repository in this checkout. */
  gitDir: string;
  /** A repository of it that outlives worktrees: the user's own, or else what was kept of it; null when there is neither. */
  source: string | null;
  /** Where it is kept when the user has none. */
  kept: string;
}

/** Git in a submodule's repository, as careful as everywhere. */
export const gitAt = (outer: Git, gitDir: string, workTree?: string): Git =>
  createGit({ gitDir, workTree, identity: outer.place.identity, signal: outer.place.signal });

/** Git itself refuses such names: they would lead out of the folder of all submodules. */
const isSafe = (name: string) => name !== '' && !name.startsWith('/') && !name.split(/[/\\]/).includes('..');

/**
 * The submodules that a checkout's index links to and `.gitmodules` names.
 * @param user the folder of the user's own repository, or submodule, that this checkout is a copy of
 */
export async function submodulesOf(git: Git, user: string): Promise<Submodule[]> {
  if (!(await exists(join(git.workTree!, '.gitmodules')))) return [];
  const { links } = parseContent((await git.run(['ls-files', '-z', '-t', '--stage'])).stdout);
  if (links.length === 0) return [];
  const names = await namesByPath(git);
  return Promise.all(
    links.flatMap(({ path, object: commit }) => {
      const name = names.get(path);
      if (name === undefined || !isSafe(name)) return [];
      const kept = join(user, 'yokeflow', 'modules', name);
      const find = async (): Promise<Submodule> => ({
        name,
        path,
        commit,
        // Where a repository was cloned before it was added, it is in the submodule's own folder.
        gitDir:
          (await firstRepository([join(git.workTree!, path, '.git')])) ?? join(git.gitDir, 'modules', name),
        source: await firstRepository([join(user, 'modules', name), kept]),
        kept,
      });
      return [find()];
    }),
  );
}

async function firstRepository(folders: string[]): Promise<string | null> {
  for (const folder of folders) if (await isRepository(folder)) return folder;
  return null;
}

export async function isRepository(folder: string): Promise<boolean> {
  const head = await stat(join(folder, 'HEAD')).catch(() => null);
  return head?.isFile() ?? false;
}

/** Where it is fetched from, and pushed to. */
export async function copyOrigin(from: Git, to: Git): Promise<void> {
  const urlOf = async (git: Git) =>
    (await git.run(['config', 'remote.origin.url'], { accept: [0, 1] })).stdout.trim();
  const url = await urlOf(from);
  if (!url || url === (await urlOf(to))) return;
  await to.run(['config', 'remote.origin.url', url]);
  await to.run(['config', 'remote.origin.fetch', '+refs/heads/*:refs/remotes/origin/*']);
}

/** Where its history was cut off, beside where that of the other was before. */
export const copyShallow = async (from: string, to: string): Promise<void> =>
  addLines(join(to, 'shallow'), await linesOf(join(from, 'shallow')));

/** A repository that goes on reading the objects of another. */
export async function borrow(gitDir: string, source: string): Promise<void> {
  await copyShallow(source, gitDir);
  await addLines(join(gitDir, 'objects', 'info', 'alternates'), [join(source, 'objects')]);
}

const linesOf = async (file: string): Promise<string[]> =>
  ((await textOf(file)) ?? '').split('\n').filter(Boolean);

/** Written as a whole or not at all. */
async function addLines(file: string, more: string[]): Promise<void> {
  const lines = await linesOf(file);
  if (more.every((line) => lines.includes(line))) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, [...new Set([...lines, ...more]), ''].join('\n'));
  await rename(`${file}.new`, file);
}

export async function hasCommit(git: Git, commit: string): Promise<boolean> {
  return (await git.run(['cat-file', '-e', `${commit}^{commit}`], { accept: [0, 1, 128] })).exitCode === 0;
}

/** What is checked out; null when nothing is. */
export async function headOf(git: Git): Promise<string | null> {
  if (!(await isRepository(git.gitDir))) return null;
  const head = await git.run(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { accept: [0, 1, 128] });
  return head.exitCode === 0 ? head.stdout.trim() : null;
}
