import type { Conflict } from '../domain/model';
import { advance } from './advance';
import type { Advance } from './advance-result';
import type { Candidate, LandingRequest, Preparation } from './candidate';
import { writeCommit } from './commit-object';
import { commitOf, isAncestor, requireCommit } from './commits';
import { adoptLanding, bringUpToDate, entriesOf, integrationRef, landingRef, withBase } from './integration';
import { mergeTrees } from './merge-tree';
import { branchRef } from './refs';
import { gitOf } from './repository';
import type { Repository } from './repository';

/** The squash commit on the base branch that an epic's head landed as. */
async function squashOf(repo: Repository, integration: string, head: string): Promise<string | null> {
  const entries = await entriesOf(repo, integration, head);
  return entries.find((entry) => entry.parents.length === 3 && entry.parents[1] === head)?.base ?? null;
}

/**
 * Merges an epic with the integration ref and puts the merge's tree on the base branch as one commit. The new
 * integration entry has the old one, the epic and that commit as parents, so that later merges with either side find
 * the right common ancestor.
 */
export async function prepareSquash(
  repo: Repository,
  head: string,
  request: LandingRequest,
): Promise<Preparation> {
  const { baseBranch, message, date } = request;
  const integration = await bringUpToDate(repo, baseBranch);
  const { commit: tip, baseRewritten } = integration;
  if (await isAncestor(repo, head, tip)) return { kind: 'nothing', landed: await squashOf(repo, tip, head) };
  const merged = await mergeTrees(repo, { ours: tip, theirs: head });
  if (merged.kind === 'conflict') {
    const conflict: Conflict = { during: 'landing', files: merged.files, ours: tip, theirs: head };
    return { kind: 'conflict', conflict };
  }
  const { tree } = merged;
  const base = await requireCommit(repo, branchRef(baseBranch));
  const squash = await writeCommit(repo, { tree, parents: [base], message, date });
  const entry = { tree, parents: [tip, head, squash], message: withBase(message, squash), date };
  const next = { ref: integrationRef(baseBranch), old: tip, new: await writeCommit(repo, entry) };
  return { kind: 'candidate', base: { old: base, new: squash }, tree, integration: next, baseRewritten };
}

/** Two refs move: the intent is written first, so that `adoptLanding` can finish or forget it after a crash. */
export async function landSquash(
  repo: Repository,
  baseBranch: string,
  candidate: Candidate,
  integration: NonNullable<Candidate['integration']>,
): Promise<Advance> {
  await adoptLanding(repo, baseBranch);
  const tip = await commitOf(repo, integration.ref);
  if (tip === integration.new) return { kind: 'landed', commit: candidate.base.new };
  if (tip !== integration.old) return { kind: 'moved' };
  await gitOf(repo).run(['update-ref', landingRef(baseBranch), integration.new]);
  try {
    return await advance(repo, { baseBranch, from: candidate.base.old, to: candidate.base.new });
  } finally {
    await adoptLanding(repo, baseBranch);
  }
}
