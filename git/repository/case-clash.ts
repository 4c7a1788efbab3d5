import { join } from 'node:path';
import { gitOf } from './repository';
import type { Repository } from './repository';
import { textOf } from './text-of';
import { WorktreeProblem } from './worktree-problem';

/** As file systems without case compare names: macOS takes composed and decomposed letters for one, too. */
const folded = (name: string): string => name.normalize('NFC').toLowerCase();

/** The first two names of which such a file system keeps only one. */
export function firstClash(names: readonly string[]): [string, string] | null {
  const seen = new Map<string, string>();
  for (const name of names) {
    const other = seen.get(folded(name));
    if (other !== undefined && other !== name) return [other, name];
    seen.set(folded(name), name);
  }
  return null;
}

/** All paths of a commit, folders included: `Docs/a` and `docs/b` clash, too. */
async function pathsOf(repo: Repository, commit: string): Promise<string[]> {
  const { stdout } = await gitOf(repo).run(['ls-tree', '-r', '-t', '-z', '--name-only', commit]);
  return stdout.split('\0').filter(Boolean);
}

/** Git writes the setting into the repository's own file when it makes one, by what the disk does: a process only if so. */
async function isCaseless(repo: Repository): Promise<boolean> {
  const settings = (await textOf(join(repo.gitDir, 'config'))) ?? '';
  if (!/ignorecase/i.test(settings)) return false;
  const args = ['config', '--type=bool', 'core.ignoreCase'];
  return (await gitOf(repo).run(args, { accept: [0, 1] })).stdout.trim() === 'true';
}

/**
 * Where file names have no case (`core.ignoreCase`, which git sets on macOS and Windows), refuses a branch whose ref
 * would be another branch's, and a commit with files that would overwrite each other: a worktree of it is never clean.
 * @throws WorktreeProblem
 */
export async function refuseClashes(
  repo: Repository,
  { branch, commit }: { branch: string; commit: string },
): Promise<void> {
  if (!(await isCaseless(repo))) return;
  const { stdout } = await gitOf(repo).run(['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads/']);
  const other = stdout.split('\n').find((name) => name !== branch && folded(name) === folded(branch));
  if (other)
    throw new WorktreeProblem(
      `branch ${other} differs from ${branch} only by case, which this file system does not tell apart: rename it`,
    );
  const clash = firstClash(await pathsOf(repo, commit));
  if (clash)
    throw new WorktreeProblem(
      `${clash[0]} and ${clash[1]} differ only by case, which this file system does not tell apart: rename one of them`,
    );
}
