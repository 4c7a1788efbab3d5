import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, readlink, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gitIn } from '../repository/checkout';
import { filePath, readable } from '../content/diff';
import type { Repository } from '../repository/repository';
import type { Git } from '../process/runner';
import { exists } from '../repository/exists';
import { trashPrefix } from './trash';
import { textOf } from '../repository/text-of';

/** Names files that new worktrees get from the user's checkout, in the syntax of `.gitignore`. */
const INCLUDE = '.worktreeinclude';
/** In the worktree's own folder in the repository: what was brought in, or may have been, NUL-separated. */
const RECORD = 'yokeflow-included';

const split = (output: string) => output.split('\0').filter(Boolean);

/**
 * Copies what `.worktreeinclude` in the user's checkout names into a worktree: files that git does not track, and
 * ignores in the worktree, so that no commit can take them up. What is there already stays as it is. Idempotent.
 * @returns the paths that were copied
 */
export async function includeFiles(repo: Repository, worktree: string): Promise<string[]> {
  const list = join(repo.path, INCLUDE);
  if (repo.bare || !(await exists(list))) return [];
  const from = await gitIn(repo, repo.path);
  const to = await gitIn(repo, worktree);
  const exclude = ['--', '.', ':(exclude,top).worktrees'];
  const args = ['ls-files', '-z', '--others', '--ignored', `--exclude-from=${list}`, ...exclude];
  const named = split((await from.run(args, { bytes: true })).stdout).filter((path) => !path.endsWith('/'));
  return bringIn(repo, to, named);
}

/**
 * Brings in once more what was brought in and is not there any more: an agent deleted it, and who works in the worktree next
 * needs it as well. Starts no process where all is there. Idempotent.
 * @returns the paths that were copied
 */
export async function includeAgain(repo: Repository, worktree: string): Promise<string[]> {
  const to = await gitIn(repo, worktree);
  const gone: string[] = [];
  for (const path of await includedIn(to))
    if (!(await lstat(filePath(to.workTree!, path)).catch(() => null))) gone.push(path);
  return bringIn(repo, to, gone);
}

async function bringIn(repo: Repository, to: Git, named: string[]): Promise<string[]> {
  const reachable: string[] = [];
  for (const path of named) if (await hasPlace(to.workTree!, path)) reachable.push(path);
  if (reachable.length === 0) return [];
  const input = Buffer.from(reachable.map((path) => `${path}\0`).join(''), 'latin1');
  const ignored = await to.run(['check-ignore', '-z', '--stdin'], { input, accept: [0, 1], bytes: true });
  const paths = split(ignored.stdout);
  // First the record: what a worker that is killed has copied and not put there could become part of a commit.
  const record = [...new Set([...(await includedIn(to)), ...paths])];
  await writeFile(join(to.gitDir, RECORD), record.join('\0'), 'latin1');
  const copied: string[] = [];
  for (const path of paths) if (await copy(repo, to, path)) copied.push(path);
  return copied.map(readable);
}

async function copy(repo: Repository, to: Git, path: string): Promise<boolean> {
  const [source, target] = [filePath(repo.path, path), filePath(to.workTree!, path)];
  const found = await lstat(source).catch(() => null);
  if (!found || !(found.isFile() || found.isSymbolicLink())) return false;
  if (await lstat(target).catch(() => null)) return false;
  await mkdir(filePath(to.workTree!, dirname(path)), { recursive: true });
  if (found.isSymbolicLink()) await symlink(await readlink(source), target);
  else {
    // Complete or not at all, whenever the worker is killed: git's own folder may be on another disk.
    const part = `${trashPrefix(to.workTree!)}include`;
    await copyFile(source, part, constants.COPYFILE_FICLONE);
    await rename(part, target);
  }
  return true;
}

/** False where a link or a file is in the place of a folder: through a link a copy could leave the worktree. */
async function hasPlace(folder: string, path: string): Promise<boolean> {
  const parts = path.split('/').slice(0, -1);
  for (const at of parts.keys()) {
    const found = await lstat(filePath(folder, parts.slice(0, at + 1).join('/'))).catch(() => null);
    if (!found) return true;
    if (!found.isDirectory()) return false;
  }
  return true;
}

async function includedIn(git: Git): Promise<string[]> {
  return split((await textOf(join(git.gitDir, RECORD), 'latin1')) ?? '');
}

/** Files that were brought into a worktree, secrets perhaps, and that a tree would make part of history. */
export async function includedInTree(
  repo: Repository,
  { worktree, tree }: { worktree: string; tree: string },
): Promise<string[]> {
  const git = await gitIn(repo, worktree);
  const included = new Set(await includedIn(git));
  if (included.size === 0) return [];
  const { stdout } = await git.run(['ls-tree', '-r', '-z', '--name-only', tree], { bytes: true });
  return split(stdout)
    .filter((path) => included.has(path))
    .map(readable);
}
