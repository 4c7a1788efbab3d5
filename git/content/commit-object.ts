import { harmless } from '../../domain/harmless';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';

export interface CommitObject {
  tree: string;
  parents: string[];
  message: string;
  /** ISO 8601; both the author's and the committer's. */
  date: string;
}

/** Writes a commit that no ref points to. The same arguments give the same id. */
export async function writeCommit(repo: Repository, commit: CommitObject): Promise<string> {
  const args = ['commit-tree', commit.tree, ...commit.parents.flatMap((parent) => ['-p', parent])];
  const env = { GIT_AUTHOR_DATE: commit.date, GIT_COMMITTER_DATE: commit.date };
  // Whoever reads a log reads it in a terminal.
  return gitOf(repo).line(args, { input: harmless(commit.message), env });
}
