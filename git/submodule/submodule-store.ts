import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseContent } from '../content/index-entries';
import { createGit } from '../process/runner';
import type { Git } from '../process/runner';
import { exists } from '../content/status';

/** A submodule of a checkout, wherever its own repository is. */
export interface Submodule {
  name: string;
  /** In the checkout. */
  path: string;
  /** The commit that the index names. */
  commit: string;
  /** Its repository in this checkout. */
  gitDir: string;
  /** Its repository in the user's checkout, which outlives worktrees; null when the user has none. */
  source: string | null;
}

/** Git in a submodule's repository, as careful as everywhere. */
export const gitAt = (outer: Git, gitDir: string, workTree?: string): Git =>
  createGit({ gitDir, workTree, identity: outer.place.identity, signal: outer.place.signal });

/** Git itself refuses such names: they would lead out of the folder of all submodules. */
const isSafe = (name: string) => name !== '' && !name.startsWith('/') && !name.split(/[/\\]/).includes('..');

async function namesByPath(git: Git): Promise<Map<string, string>> {
  const file = join(git.workTree!, '.gitmodules');
  const args = ['config', '-z', '--file', file, '--get-regexp', '^submodule\\..*\\.path$'];
  const { stdout } = await git.run(args, { accept: [0, 1, 128] });
  return new Map(
    stdout
      .split('\0')
      .filter(Boolean)
      .map((record): [string, string] => {
        const end = record.indexOf('\n');
        return [record.slice(end + 1), record.slice('submodule.'.length, end - '.path'.length)];
      }),
  );
}

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
      const gitDir = join(git.gitDir, 'modules', name);
      return [sourceOf(user, name).then((source) => ({ name, path, commit, gitDir, source }))];
    }),
  );
}

async function sourceOf(user: string, name: string): Promise<string | null> {
  const folder = join(user, 'modules', name);
  const head = await stat(join(folder, 'HEAD')).catch(() => null);
  return head?.isFile() ? folder : null;
}

export async function hasCommit(git: Git, commit: string): Promise<boolean> {
  return (await git.run(['cat-file', '-e', `${commit}^{commit}`], { accept: [0, 1, 128] })).exitCode === 0;
}

/** What is checked out; null when nothing is. */
export async function headOf(git: Git): Promise<string | null> {
  const text = await readFile(join(git.gitDir, 'HEAD'), 'utf8').catch(() => null);
  if (text === null) return null;
  const head = await git.run(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { accept: [0, 1, 128] });
  return head.exitCode === 0 ? head.stdout.trim() : null;
}
