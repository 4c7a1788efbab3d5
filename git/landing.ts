import type { Conflict, MergeStrategy } from '../domain/model';
import { advance } from './advance';
import type { Advance, Blocked } from './advance-result';
import type { Candidate, LandingRequest, Preparation } from './candidate';
import { writeCommit } from './commit-object';
import { commitOf, isAncestor, requireCommit } from './commits';
import { adoptLanding, bringUpToDate, integrationRef } from './integration';
import { mergeTrees } from './merge-tree';
import { branchRef } from './refs';
import { repairAdvance } from './repair';
import { gitOf } from './repository';
import type { Repository } from './repository';
import { landSquash, prepareSquash } from './squash';

export type { Advance, Candidate, LandingRequest, Preparation };

/** The first-parent commit of the base branch that merged `head`. */
async function mergeOf(repo: Repository, base: string, head: string): Promise<string | null> {
  const args = ['rev-list', '--first-parent', '--parents', base, `^${head}`];
  const { stdout } = await gitOf(repo).run(args);
  const row = stdout.split('\n').find((line) => line.split(' ').slice(2).includes(head));
  return row?.split(' ')[0] ?? null;
}

async function prepareRegular(repo: Repository, base: string, head: string, request: LandingRequest) {
  if (await isAncestor(repo, head, base)) {
    return { kind: 'nothing' as const, landed: await mergeOf(repo, base, head) };
  }
  const merged = await mergeTrees(repo, { ours: base, theirs: head });
  if (merged.kind === 'conflict') {
    const conflict: Conflict = { during: 'landing', files: merged.files, ours: base, theirs: head };
    return { kind: 'conflict' as const, conflict };
  }
  const { tree } = merged;
  const commit = await writeCommit(repo, { ...request, tree, parents: [base, head] });
  return { kind: 'candidate' as const, base: { old: base, new: commit }, tree };
}

/**
 * Merges an epic with the base branch, off to the side: no branch and no file changes. Call it under the repository's
 * lock (squash brings the integration ref up to date).
 * @throws GitError when the base branch or the head does not exist
 */
export async function prepareLanding(repo: Repository, request: LandingRequest): Promise<Preparation> {
  const head = await requireCommit(repo, request.head);
  if (request.strategy === 'squash') return prepareSquash(repo, head, request);
  return prepareRegular(repo, await requireCommit(repo, branchRef(request.baseBranch)), head, request);
}

/**
 * Advances the base branch to a candidate, and the user's checkout of it. `moved`: prepare again. `blocked`: the
 * user's files stand in the way, and nothing changed. Call it under the repository's lock.
 */
export async function land(
  repo: Repository,
  request: { baseBranch: string; candidate: Candidate },
): Promise<Advance> {
  const { baseBranch, candidate } = request;
  if (candidate.integration) return landSquash(repo, baseBranch, candidate, candidate.integration);
  return advance(repo, { baseBranch, from: candidate.base.old, to: candidate.base.new });
}

/** Fast-forwards the base branch to a commit that contains it. `moved`: it has other commits by now. */
export async function landFastForward(
  repo: Repository,
  request: { baseBranch: string; commit: string },
): Promise<Advance> {
  const base = await requireCommit(repo, branchRef(request.baseBranch));
  const commit = await requireCommit(repo, request.commit);
  if (await isAncestor(repo, commit, base)) return { kind: 'landed', commit: base };
  if (!(await isAncestor(repo, base, commit))) return { kind: 'moved' };
  return advance(repo, { baseBranch: request.baseBranch, from: base, to: commit });
}

/** The commit that a new epic's branch starts from. Call it under the repository's lock. */
export async function startPoint(
  repo: Repository,
  request: { baseBranch: string; strategy: MergeStrategy },
): Promise<string> {
  if (request.strategy === 'squash') return (await bringUpToDate(repo, request.baseBranch)).commit;
  return requireCommit(repo, branchRef(request.baseBranch));
}

/** The commits that contain everything that landed: the base branch and, after squashes, the integration ref. */
export async function landedTips(repo: Repository, request: { baseBranch: string }): Promise<string[]> {
  const base = await requireCommit(repo, branchRef(request.baseBranch));
  const integration = await commitOf(repo, integrationRef(request.baseBranch));
  return integration ? [base, integration] : [base];
}

/**
 * Repairs what a killed worker left of a landing: its locks, half-updated files in the user's checkout, and the
 * integration ref. Idempotent; `land` does the same before it begins. Call it under the repository's lock.
 * @returns null when all is well, or what stands in the way
 */
export async function repairLanding(
  repo: Repository,
  request: { baseBranch: string },
): Promise<Blocked | null> {
  const obstacle = await repairAdvance(repo, request.baseBranch);
  if (obstacle) return obstacle;
  await adoptLanding(repo, request.baseBranch);
  return null;
}
