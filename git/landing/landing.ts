import type { MergeStrategy } from '../../domain/model';
import { advance } from './advance';
import type { Advance, Blocked } from './advance-result';
import type { Candidate, MemberResult, Stack } from './candidate';
import { commitOf, isAncestor, requireCommit } from '../content/commits';
import { adoptLanding, bringUpToDate, integrationRef } from './integration';
import { branchRef } from '../refs/refs';
import { repairAdvance } from './repair';
import type { Repository } from '../repository/repository';
import { landSquash } from './squash';
import { prepareStack, stackBase } from './stack';

export { prepareStack, stackBase };
export type { Advance, Blocked, Candidate, MemberResult, Stack };

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
  if (request.strategy === 'squash') return bringUpToDate(repo, request.baseBranch);
  return requireCommit(repo, branchRef(request.baseBranch));
}

/** The commits that contain everything that landed: the base branch and, after squashes, the integration ref. */
export async function landedTips(repo: Repository, request: { baseBranch: string }): Promise<string[]> {
  const base = await requireCommit(repo, branchRef(request.baseBranch));
  const integration = await commitOf(repo, integrationRef(request.baseBranch));
  return integration ? [base, integration] : [base];
}

/**
 * The same, but certain: what a rewritten base branch dropped is no longer in the integration ref, either. Call it
 * under the repository's lock.
 */
export async function provenTips(repo: Repository, request: { baseBranch: string }): Promise<string[]> {
  const integration = await commitOf(repo, integrationRef(request.baseBranch));
  if (integration) await bringUpToDate(repo, request.baseBranch);
  return landedTips(repo, request);
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
