import type { Database } from '../db/connection/connection';
import { storeLanded } from '../db/landing/landed';
import type { ProposedWorktree } from '../db/worktree/worktrees';
import type { HostedPullRequest } from '../domain/landing/pull-request';
import { commitOf, isAncestor } from '../git/content/commits';
import { landedIn } from '../git/landing/landed-in';
import { branchRef } from '../git/refs/refs';
import type { Repository } from '../git/repository/repository';
import { settle, type Standing } from './standing';

export interface SettledIn {
  project: { id: number; baseBranch: string };
  repository: Repository;
  /** Which session is told when it has landed. */
  sessionId: number;
}

/**
 * Finds out what has become of a worktree's pull request, and puts it on record where all of the branch has landed. Call it
 * under the repository's lock.
 *
 * @param hosted what the service says of it; null where it could not be asked: git may know all the same
 * @returns null: nobody can tell
 */
export async function settlePullRequest(
  db: Database,
  { project, repository, sessionId }: SettledIn,
  worktree: ProposedWorktree,
  hosted: HostedPullRequest | null,
): Promise<Standing | null> {
  const standing = await standingOf(repository, project.baseBranch, worktree, hosted);
  if (standing?.kind === 'landed' && standing.whole) {
    const lane = { projectId: project.id, sessionId, worktreeId: worktree.id, epic: worktree.epic };
    await storeLanded(db, lane, standing.by);
  }
  return standing;
}

async function standingOf(
  repository: Repository,
  baseBranch: string,
  { branchName: branch, pullRequest }: ProposedWorktree,
  hosted: HostedPullRequest | null,
): Promise<Standing | null> {
  const pushed = await commitOf(repository, pullRequest.commit);
  if (!pushed) return null;
  const base = branchRef(baseBranch);
  if (await isAncestor(repository, pushed, base)) {
    const tip = await commitOf(repository, branchRef(branch));
    const whole = tip === null || (await isAncestor(repository, tip, base));
    const landed = await landedIn(repository, { baseBranch, commit: tip && whole ? tip : pushed });
    return { kind: 'landed', by: landed?.commit ?? pushed, whole };
  }
  return hosted && settle(repository, hosted, { baseBranch, branch, pushed });
}
