import { advance } from './advance';
import type { Advance } from './advance-result';
import type { Candidate } from './candidate';
import { writeCommit } from '../content/commit-object';
import { commitOf } from '../content/commits';
import { adoptLanding, entriesOf, landingRef, withBase } from './integration';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';

/** The squash commit on the base branch that an epic's head landed as. */
export async function squashOf(repo: Repository, integration: string, head: string): Promise<string | null> {
  const entries = await entriesOf(repo, integration, head);
  return entries.find((entry) => entry.parents.length === 3 && entry.parents[1] === head)?.base ?? null;
}

/**
 * Puts the tree of an epic's merge with the true history on the base branch as one commit. The new entry of the history
 * has the old one, the epic and that commit as parents, so that later merges with either side find the right common
 * ancestor.
 */
export async function squashed(
  repo: Repository,
  on: { base: string; history: string },
  merge: { head: string; tree: string; message: string; date: string },
): Promise<{ base: string; history: string }> {
  const { head, tree, message, date } = merge;
  const base = await writeCommit(repo, { tree, parents: [on.base], message, date });
  const parents = [on.history, head, base];
  return {
    base,
    history: await writeCommit(repo, { tree, parents, message: withBase(message, base), date }),
  };
}

/**
 * Takes an epic whose changes the base branch has already into the true history: somebody amended what it had landed as, or
 * brought it by hand. A commit on the base branch would be empty.
 */
export async function alreadyThere(
  repo: Repository,
  on: { base: string; history: string },
  { head, tree, date }: { head: string; tree: string; date: string },
): Promise<{ base: string; history: string }> {
  const parents = [...new Set([on.history, head, on.base])];
  const message = withBase('Record an epic that the base branch has already', on.base);
  return { base: on.base, history: await writeCommit(repo, { tree, parents, message, date }) };
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
