import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { filePath } from '../content/diff';
import { gitIn } from '../repository/checkout';
import { exists } from '../repository/exists';
import { textOf } from '../repository/text-of';
import type { Repository } from '../repository/repository';
import type { Git } from '../process/runner';
import { mendLink } from './link';

const OFF: [string, string][] = [['core.sparseCheckout', 'false']];

const SPARSE = ['core.sparseCheckout', 'core.sparseCheckoutCone', 'index.sparse'];
/** What leads git elsewhere; it writes neither of them for a worktree itself. */
const ASTRAY = ['core.worktree', 'core.bare'];

/**
 * Takes back a `.git` that an agent has deleted or changed, settings that lead git elsewhere, and what `git sparse-checkout`
 * made of a worktree. Files that it leaves out are not deleted, and whoever works here next begins with all of them. Call it
 * when nothing runs there any more.
 * @returns where a repository is kept that was in the place of `.git`; null when there was none
 * @throws NotAWorktree
 */
export async function makeWhole(repo: Repository, worktree: string): Promise<string | null> {
  const git = await gitIn(repo, worktree);
  const kept = await mendLink(worktree, git.gitDir);
  await unset(git, ASTRAY);
  const patterns = join(git.gitDir, 'info', 'sparse-checkout');
  if (!(await exists(patterns))) return kept;
  await bringBack(git);
  // Its own way out, `sparse-checkout disable`, would change the settings of the repository.
  await unset(git, SPARSE);
  await rm(patterns);
  return kept;
}

/** Of the worktree's own settings. */
async function unset(git: Git, keys: string[]): Promise<void> {
  const own = join(git.gitDir, 'config.worktree');
  const text = (await textOf(own))?.toLowerCase();
  const named = (key: string) => text?.includes(key.slice(key.indexOf('.') + 1).toLowerCase());
  for (const key of keys.filter(named))
    await git.run(['config', '--file', own, '--unset-all', key], { accept: [0, 5] });
}

/** What is left out and yet there stays as it is. */
async function bringBack(git: Git): Promise<void> {
  const { stdout } = await git.run(['ls-files', '-z', '-t'], { bytes: true, settings: OFF });
  const left = stdout
    .split('\0')
    .filter((record) => record.startsWith('S '))
    .map((record) => record.slice(2));
  if (left.length === 0) return;
  const listed = (paths: string[]) => Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1');
  const flags = ['update-index', '-z', '--no-skip-worktree', '--stdin'];
  await git.run(flags, { input: listed(left), settings: OFF });
  const there = await Promise.all(left.map((path) => lstat(filePath(git.workTree!, path)).catch(() => null)));
  const missing = left.filter((_, index) => there[index] === null);
  await git.run(['checkout-index', '-u', '-z', '--stdin'], { input: listed(missing), settings: OFF });
}
