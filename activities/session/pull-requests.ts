import type { Project } from '../../db/project/projects';
import { noteFor } from '../../db/session/session-notes';
import { proposedWorktrees } from '../../db/worktree/worktrees';
import type { HostedPullRequest } from '../../domain/landing/pull-request';
import { commandOf } from '../../domain/session/shell-command';
import { remoteUrl } from '../../git/remote/remote-url';
import type { Repository } from '../../git/repository/repository';
import { HostingRefused, HostingUnavailable } from '../../hosting/errors';
import { repositoryAt, viewPullRequest } from '../../hosting/pull-requests';
import { settlePullRequest } from '../../hosting/settle-pull-request';
import type { ActivityDependencies } from '../scope/dependencies';
import { fail } from '../scope/failure';
import type { Site } from '../scope/place';

/** By epic, null for the sequential branch: pull requests that are open and have all that their branch has. */
export type OpenProposals = ReadonlyMap<number | null, { number: number; url: string }>;

/** A session that is to open pull requests does not begin where it could not. */
export async function requirePullRequests(
  { gh }: ActivityDependencies,
  { remoteUrl: known, baseBranch }: Project,
  repository: Repository,
): Promise<void> {
  const refuse = (why: string) => fail('PullRequestsUnavailable', why);
  const again = `yokeflow plan import FILE --repo ${commandOf([repository.path])}`;
  if (!known) {
    const add = commandOf(['git', '-C', repository.path, 'remote', 'add', 'origin']);
    throw refuse(
      `${repository.path} had no remote when its plan was imported: ${add} URL, unless there is one, then ${again}`,
    );
  }
  const now = await remoteUrl(repository, baseBranch);
  // An agent may have written there.
  if (now !== known)
    throw refuse(
      `the remote of ${repository.path} is ${now ?? 'gone'}, and was ${known} when the plan was imported: ` +
        `if that is as it should be, ${again}`,
    );
  const { host } = repositoryAt(known);
  await gh.run(['auth', 'status', '--hostname', host]);
}

/** What the service says of the pull requests of worktrees that have not landed; null where it could not be asked. */
export async function lookAtPullRequests(
  { db, gh, redact }: ActivityDependencies,
  { project, options, session }: Site,
): Promise<Map<number, HostedPullRequest | null>> {
  const looked = new Map<number, HostedPullRequest | null>();
  for (const { id, pullRequest } of await proposedWorktrees(db, project.id)) {
    try {
      looked.set(id, await viewPullRequest(gh, project.remoteUrl ?? 'nowhere', pullRequest.number));
    } catch (error) {
      // One that needs the service waits until it answers.
      const passes = error instanceof HostingUnavailable && !options.pullRequests;
      if (!passes && !(error instanceof HostingRefused)) throw error;
      looked.set(id, null);
      const note = `${pullRequest.url} could not be looked up, so only git was asked: ${error.message}`;
      await noteFor(db, { sessionId: session.id, note: redact(note) });
    }
  }
  return looked;
}

/**
 * Puts on record which pull requests were merged, and finds those that wait for others. What else became of one is the
 * business of its landing. Call it under the repository's lock.
 */
export async function settlePullRequests(
  deps: ActivityDependencies,
  { project, repository, options, session }: Site,
  looked: ReadonlyMap<number, HostedPullRequest | null>,
): Promise<OpenProposals> {
  const open = new Map<number | null, { number: number; url: string }>();
  for (const worktree of await proposedWorktrees(deps.db, project.id)) {
    const { id, epic, pullRequest, status } = worktree;
    const where = { project, repository, sessionId: session.id };
    const standing = await settlePullRequest(deps.db, where, worktree, looked.get(id) ?? null);
    if (standing?.kind === 'open') {
      if (options.pullRequests && status === 'proposed' && standing.whole) open.set(epic, pullRequest);
    } else if (standing?.kind === 'waits' && !options.pullRequests) {
      await noteFor(deps.db, { sessionId: session.id, note: deps.redact(standing.reason) });
    }
  }
  return open;
}
