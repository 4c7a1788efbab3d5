import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { filePath } from '../content/diff';
import { gitIn } from '../repository/checkout';
import { exists } from '../repository/exists';
import type { Repository } from '../repository/repository';
import type { Git } from '../process/runner';
import { mendLink } from './link';

const OFF: [string, string][] = [['core.sparseCheckout', 'false']];

/**
 * Takes back a `.git` that an agent has deleted or changed, and what `git sparse-checkout` made of a worktree. Files that it
 * leaves out are not deleted, and whoever works here next begins with all of them. Call it when nothing runs there any more.
 * @throws NotAWorktree
 */
export async function makeWhole(repo: Repository, worktree: string): Promise<void> {
  const git = await gitIn(repo, worktree);
  await mendLink(worktree, git.gitDir);
  const patterns = join(git.gitDir, 'info', 'sparse-checkout');
  if (!(await exists(patterns))) return;
  await bringBack(git);
  // Its own way out, `sparse-checkout disable`, would change the settings of the repository.
  const own = join(git.gitDir, 'config.worktree');
  for (const key of ['core.sparseCheckout', 'core.sparseCheckoutCone', 'index.sparse'])
    if (await exists(own)) await git.run(['config', '--file', own, '--unset-all', key], { accept: [0, 5] });
  await rm(patterns);
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
