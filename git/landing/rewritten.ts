import { commitOf, isAncestor, requireCommit } from '../content/commits';
import { keepCommit } from '../content/keep';
import { branchRef, moveRef, ownRef } from '../refs/refs';
import type { Repository } from '../repository/repository';

/** What the base branch was at when somebody last looked: also after a restart, and in the next session. */
const seenRef = (baseBranch: string) => ownRef('seen', baseBranch);

export interface Look {
  /** The commit that the base branch is at. */
  is: string;
  /** The commit that it no longer contains, and the ref that keeps that one; null when commits were only added. */
  rewritten: { was: string; keptAt: string } | null;
}

/**
 * Whether the base branch was rewritten since it was last looked at (a forced push, a reset, an amended commit). What it
 * was at is kept under a ref then, so that nothing is lost. Says so until `rememberBase`.
 */
export async function lookAtBase(repo: Repository, baseBranch: string): Promise<Look> {
  const was = await commitOf(repo, seenRef(baseBranch));
  const is = await requireCommit(repo, branchRef(baseBranch));
  if (was === null || was === is || (await isAncestor(repo, was, is))) return { is, rewritten: null };
  const keptAt = `refs/yokeflow/rewritten/${was.slice(0, 10)}`;
  await keepCommit(repo, { ref: keptAt, commit: was, message: `${baseBranch}, before it was rewritten` });
  return { is, rewritten: { was, keptAt } };
}

/** What the base branch is compared with from here on. Call it under the repository's lock. */
export async function rememberBase(repo: Repository, baseBranch: string, is: string): Promise<void> {
  const seen = await commitOf(repo, seenRef(baseBranch));
  if (seen !== is) await moveRef(repo, seenRef(baseBranch), is, seen);
}
