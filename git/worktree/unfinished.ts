import { gitIn } from '../repository/checkout';
import type { Repository } from '../repository/repository';
import type { Git } from '../process/runner';
import { operationInProgress } from '../repository/operation';
import { uncommittedInSubmodules } from '../submodule/submodules';
import { isIndexTrusted } from './trusted-index';

export interface Unfinished {
  /** Such as `a merge`; null when only conflicts are left, of a stash for example. */
  operation: string | null;
  /** Paths with a conflict that nobody has resolved. */
  unmerged: string[];
  /** What is not committed inside of submodules: it would be in no commit of this worktree. */
  inside: string[];
}

/** What somebody began in a worktree and did not finish; null when nothing. @throws NotAWorktree */
export async function unfinishedIn(repo: Repository, worktree: string): Promise<Unfinished | null> {
  const git = await gitIn(repo, worktree);
  const operation = await operationInProgress(git.gitDir);
  // An index that is trusted has neither conflicts nor submodules.
  const trusted = await isIndexTrusted(git);
  const unmerged = trusted ? [] : await unmergedPaths(git);
  const inside = trusted ? [] : await uncommittedInSubmodules(git);
  return operation || unmerged.length + inside.length > 0 ? { operation, unmerged, inside } : null;
}

/** A broken index says nothing about conflicts: what counts then are the files. */
export async function unmergedPaths(git: Git): Promise<string[]> {
  const { stdout } = await git.run(['ls-files', '--unmerged', '-z'], { accept: [0, 128] });
  const paths = stdout.split('\0').map((record) => record.slice(record.indexOf('\t') + 1));
  return [...new Set(paths.filter(Boolean))];
}
