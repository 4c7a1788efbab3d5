import { loadPlan } from '../../db/plan/plan-load';
import { sessionSummary } from '../../db/session/summary';
import { proposedWorktrees } from '../../db/worktree/worktrees';
import { proposalBody, proposalTitle, type ProposalFacts } from '../../domain/landing/proposal';
import { commandOf } from '../../domain/session/shell-command';
import { unlanded } from '../../git/content/commits';
import { landedTips } from '../../git/landing/landing';
import { pushCommit } from '../../git/remote/push';
import { HostingRefused, HostingUnavailable, isPassing } from '../../hosting/errors';
import { createPullRequest, findPullRequests, viewPullRequest } from '../../hosting/pull-requests';
import { settle } from '../../hosting/standing';
import type { ActivityDependencies } from '../scope/dependencies';
import type { Place } from '../scope/place';
import type { Member } from './member';
import { underRepositoryLock } from '../scope/under-repository-lock';

export type Proposal =
  | { kind: 'proposed'; pullRequest: { number: number; url: string; commit: string } }
  /** It has been merged, by this commit of the base branch. */
  | { kind: 'landed'; by: string }
  | { kind: 'held'; reason: string };

/** The merge of an epic with the base branch that was verified. */
export interface Verified {
  /** The epic's commit. */
  head: string;
  /** That of the base branch. */
  base: string;
}

/**
 * Pushes the epic's commit and opens a pull request for it, unless there is one. Each step looks first what an earlier
 * try has done. @throws HostingUnavailable
 */
export async function propose(
  deps: ActivityDependencies,
  member: Member,
  verified: Verified,
): Promise<Proposal> {
  try {
    return await push(deps, member, verified);
  } catch (error) {
    if (error instanceof HostingRefused) return { kind: 'held', reason: error.message };
    throw error;
  }
}

async function push(
  deps: ActivityDependencies,
  { place, lease: { signal } }: Member,
  { head, base }: Verified,
): Promise<Proposal> {
  const { gh } = deps;
  const { project, repository, branch, worktree } = place;
  const url = requireRemote(place);
  const to = { head: branch, base: project.baseBranch };
  const found = await findPullRequests(gh, url, to);
  const open = found.find(({ state }) => state === 'OPEN');
  const known = worktree.pullRequest;
  const ours = open ? undefined : found.find((one) => one.number === known?.number || one.head === head);
  if (ours) {
    const pushed = ours.number === known?.number ? known.commit : head;
    const hosted = await viewPullRequest(gh, url, ours.number);
    const { baseBranch } = project;
    const standing = await underRepositoryLock(deps.db, place, (held) =>
      settle(held.repository, hosted, { baseBranch, branch, pushed }),
    );
    if (standing.kind === 'waits') return { kind: 'held', reason: standing.reason };
    // What came after that is proposed anew.
    if (standing.kind === 'landed' && standing.whole) return { kind: 'landed', by: standing.by };
  }
  const { environment } = gh;
  const result = await pushCommit(repository, { url, branch, commit: head, environment, signal });
  signal.throwIfAborted();
  if (result.kind === 'behind') return { kind: 'held', reason: behind(place, url) };
  if (result.kind === 'failed') {
    const reason = `git push of ${branch} to ${url}: ${result.said}`;
    if (isPassing(result.said)) throw new HostingUnavailable(reason);
    return { kind: 'held', reason: NO_LOGIN.test(result.said) ? `${reason}; ${LOG_IN}` : reason };
  }
  const { number, url: page } = open ?? (await create(deps, place, { head, base }, url));
  return { kind: 'proposed', pullRequest: { number, url: page, commit: head } };
}

const NO_LOGIN = /Authentication failed|Permission denied|could not read (Username|Password)/i;
const LOG_IN = 'log in where the worker runs: gh auth login, or ssh-add for a remote over ssh';

/** @throws HostingRefused */
function requireRemote({ project, repository }: Place): string {
  if (project.remoteUrl) return project.remoteUrl;
  throw new HostingRefused(`${repository.path} had no remote when its plan was imported: import it again`);
}

function behind({ worktree, branch }: Place, url: string): string {
  const pull = commandOf(['git', '-C', worktree.path, 'pull', '--no-rebase', url, branch]);
  return `${branch} of ${url} has commits that are not here, and nothing is pushed over them: ${pull}`;
}

async function create(deps: ActivityDependencies, place: Place, verified: Verified, url: string) {
  const { branch, project } = place;
  const facts = await factsOf(deps, place, verified);
  return createPullRequest(deps.gh, url, {
    ...{ head: branch, base: project.baseBranch },
    ...{ title: deps.redact(proposalTitle(facts)), body: deps.redact(proposalBody(facts)) },
  });
}

async function factsOf(
  { db }: ActivityDependencies,
  { project, session, options, epic, name, repository }: Place,
  { head, base }: Verified,
): Promise<ProposalFacts> {
  const planned = (await loadPlan(db, project.id)).epics.find(({ number }) => number === epic);
  const { epics } = await sessionSummary(db, session.id);
  const spent = epics.find(({ number }) => number === epic)?.tasks ?? [];
  const tips = await landedTips(repository, { baseBranch: project.baseBranch });
  const others = (await proposedWorktrees(db, project.id)).filter((one) => one.epic !== epic);
  const commits = others.map(({ pullRequest }) => pullRequest.commit);
  const { unlanded: open } = await unlanded(repository, commits, tips);
  const { unlanded: elsewhere } = await unlanded(repository, [...open], [head]);
  const contains = others.flatMap(({ pullRequest: { commit, number } }) =>
    open.has(commit) && !elsewhere.has(commit) ? [number] : [],
  );
  return {
    ...{ name: epic === null ? null : name, epic, contains },
    ...{ baseBranch: project.baseBranch, base },
    tasks: planned?.tasks.map(({ number, description }) => ({ number, description })) ?? [],
    verify: options.verify ?? project.verify,
    session: session.id,
    costUsd: spent.reduce((sum, { costUsd }) => sum + costUsd, 0),
  };
}
