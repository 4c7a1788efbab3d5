import type { Database } from '../../db/connection/connection';
import { withRepositoryLock } from '../../db/landing/repository-lock';
import type { Project } from '../../db/project/projects';
import { latestSession } from '../../db/session/sessions';
import { proposedWorktrees, type ProposedWorktree } from '../../db/worktree/worktrees';
import type { Repository } from '../../git/repository/repository';
import { HostingRefused, HostingUnavailable } from '../../hosting/errors';
import type { Gh } from '../../hosting/gh';
import { viewPullRequest } from '../../hosting/pull-requests';
import { settlePullRequest } from '../../hosting/settle-pull-request';
import { asOwner } from './lease';

interface Place {
  project: Project;
  repository: Repository;
  gh: Gh;
}

/** Puts on record which pull requests were merged. @returns what is left to a person */
export async function settlePullRequests(db: Database, place: Place): Promise<string[]> {
  const problems: string[] = [];
  const session = await latestSession(db, place.project.name);
  if (!session) return problems;
  for (const worktree of await proposedWorktrees(db, place.project.id)) {
    const settled = () => settleOne(db, { ...place, sessionId: session.id }, worktree);
    const owned = await asOwner(db, worktree.id, settled);
    // One that is in use is told of with the others.
    const problem = owned.owned ? owned.value : null;
    if (problem) problems.push(`${worktree.path}: ${problem}`);
  }
  return problems;
}

async function settleOne(
  db: Database,
  { project, repository, gh, sessionId }: Place & { sessionId: number },
  worktree: ProposedWorktree,
): Promise<string | null> {
  const looked = await viewPullRequest(gh, project.remoteUrl ?? 'nowhere', worktree.pullRequest.number).catch(
    (error: unknown) => {
      if (error instanceof HostingRefused || error instanceof HostingUnavailable) return error.message;
      throw error;
    },
  );
  const hosted = typeof looked === 'string' ? null : looked;
  const standing = await withRepositoryLock(db, project.gitDir, (signal) =>
    settlePullRequest(db, { project, repository: { ...repository, signal }, sessionId }, worktree, hosted),
  );
  if (standing?.kind === 'waits') return standing.reason;
  return standing === null && typeof looked === 'string' ? looked : null;
}
