import type { Database } from '../../db/connection/connection';
import { withRepositoryLock } from '../../db/landing/repository-lock';
import type { Project } from '../../db/project/projects';
import { setWorktreeStatus } from '../../db/worktree/worktree-status';
import { proposedWorktrees, type ProposedWorktree } from '../../db/worktree/worktrees';
import { commitOf, isAncestor } from '../../git/content/commits';
import { branchRef } from '../../git/refs/refs';
import type { Repository } from '../../git/repository/repository';
import { HostingRefused, HostingUnavailable } from '../../hosting/errors';
import type { Gh } from '../../hosting/gh';
import { viewPullRequest } from '../../hosting/pull-requests';
import { settle } from '../../hosting/standing';
import { asOwner } from './lease';

/** Puts on record which pull requests were merged. @returns what is left to a person */
export async function settlePullRequests(
  db: Database,
  { project, repository, gh }: { project: Project; repository: Repository; gh: Gh },
): Promise<string[]> {
  const problems: string[] = [];
  for (const worktree of await proposedWorktrees(db, project.id)) {
    const settled = () =>
      settleOne(db, { project, repository, gh }, worktree).catch((error: unknown) => {
        if (error instanceof HostingRefused || error instanceof HostingUnavailable) return error.message;
        throw error;
      });
    const owned = await asOwner(db, worktree.id, settled);
    // One that is in use is told of with the others.
    const problem = owned.owned ? owned.value : null;
    if (problem) problems.push(`${worktree.path}: ${problem}`);
  }
  return problems;
}

async function settleOne(
  db: Database,
  { project, repository, gh }: { project: Project; repository: Repository; gh: Gh },
  { id, branchName: branch, pullRequest }: ProposedWorktree,
): Promise<string | null> {
  const { baseBranch, gitDir, remoteUrl } = project;
  const landed = (by?: string) =>
    setWorktreeStatus(db, { worktreeId: id, status: 'merged', ...(by ? { mergeCommit: by } : {}) });
  const pushed = await commitOf(repository, pullRequest.commit);
  if (!pushed) return null;
  const tip = (await commitOf(repository, branchRef(branch))) ?? pushed;
  if (await isAncestor(repository, tip, branchRef(baseBranch))) {
    await landed();
    return null;
  }
  const hosted = await viewPullRequest(gh, remoteUrl ?? 'nowhere', pullRequest.number);
  const standing = await withRepositoryLock(db, gitDir, (signal) =>
    settle({ ...repository, signal }, hosted, { baseBranch, branch, pushed }),
  );
  if (standing.kind === 'landed' && standing.whole) await landed(standing.by);
  return standing.kind === 'waits' ? standing.reason : null;
}
