import type { Conflict } from '../domain/model';
import type { MemberResult, Stack, StackMember, StackRequest } from './candidate';
import { writeCommit } from './commit-object';
import { isAncestor, requireCommit, treeOf } from './commits';
import { bringUpToDate, integrationRef } from './integration';
import { mergeTrees } from './merge-tree';
import { branchRef } from './refs';
import { gitOf } from './repository';
import type { Repository } from './repository';
import { squashed, squashOf } from './squash';

/** What the next member is merged with. */
export interface Top {
  /** On the base branch, or to be. */
  base: string;
  /** The tip of the true history: the same commit, or the one on the integration ref when squashing. */
  history: string;
}

/** The first-parent commit of the base branch that merged `head`. */
async function mergeOf(repo: Repository, base: string, head: string): Promise<string | null> {
  const args = ['rev-list', '--first-parent', '--parents', base, `^${head}`];
  const { stdout } = await gitOf(repo).run(args);
  const row = stdout.split('\n').find((line) => line.split(' ').slice(2).includes(head));
  return row?.split(' ')[0] ?? null;
}

/** A second look at one that conflicts on top of others: with the base branch alone it may merge. */
async function conflictOrDeferred(
  repo: Repository,
  origin: Top,
  top: Top,
  head: string,
): Promise<MemberResult> {
  const merged = await mergeTrees(repo, { ours: origin.history, theirs: head });
  if (merged.kind === 'clean' && top !== origin) return { kind: 'deferred' };
  const files = merged.kind === 'conflict' ? merged.files : [];
  const conflict: Conflict = { during: 'landing', files, ours: origin.history, theirs: head };
  return { kind: 'conflict', conflict };
}

async function put(
  repo: Repository,
  request: StackRequest,
  { origin, top }: { origin: Top; top: Top },
  member: StackMember,
): Promise<{ result: MemberResult; top: Top }> {
  const { strategy, date } = request;
  const squash = strategy === 'squash';
  const head = await requireCommit(repo, member.head);
  if (await isAncestor(repo, head, origin.history)) {
    const landed = await (squash ? squashOf : mergeOf)(repo, origin.history, head);
    return { result: { kind: 'nothing', landed }, top };
  }
  if (top !== origin && (await isAncestor(repo, head, top.history)))
    return { result: { kind: 'merged', commit: top.base, from: top.base }, top };
  const merged = await mergeTrees(repo, { ours: top.history, theirs: head });
  if (merged.kind === 'conflict') return { result: await conflictOrDeferred(repo, origin, top, head), top };
  const { tree } = merged;
  const { message } = member;
  const commit = squash ? null : await writeCommit(repo, { tree, parents: [top.base, head], message, date });
  const next = commit
    ? { base: commit, history: commit }
    : await squashed(repo, top, { head, tree, message, date });
  return { result: { kind: 'merged', commit: next.base, from: top.base }, top: next };
}

/**
 * Merges epics one on top of the other, and the first with the base branch, off to the side: no branch and no file
 * changes. Each keeps a commit of its own. One that does not merge is left out. Call it under the repository's lock
 * (squash brings the integration ref up to date).
 * @throws GitError when the base branch or a head does not exist
 */
export async function prepareStack(repo: Repository, request: StackRequest): Promise<Stack> {
  const { baseBranch, strategy } = request;
  const squash = strategy === 'squash' ? await bringUpToDate(repo, baseBranch) : null;
  const base = await requireCommit(repo, branchRef(baseBranch));
  const origin: Top = { base, history: squash?.commit ?? base };
  const members: MemberResult[] = [];
  let top = origin;
  for (const member of request.members) {
    const placed = await put(repo, request, { origin, top }, member);
    members.push(placed.result);
    top = placed.top;
  }
  if (top === origin) return { members, candidate: null };
  const candidate = {
    kind: 'candidate' as const,
    base: { old: origin.base, new: top.base },
    tree: await treeOf(repo, top.base),
  };
  if (!squash) return { members, candidate };
  const integration = { ref: integrationRef(baseBranch), old: origin.history, new: top.history };
  return { members, candidate: { ...candidate, integration, baseRewritten: squash.baseRewritten } };
}
