import type { Conflict } from '../../domain/model';
import type { MemberResult, Stack, StackMember, StackRequest } from './candidate';
import { attributeFiles } from '../content/attributes';
import { writeCommit } from '../content/commit-object';
import { isAncestor, requireCommit, treeOf, unlanded } from '../content/commits';
import { bringUpToDate, integrationRef } from './integration';
import { mergeTrees } from '../content/merge-tree';
import { branchRef } from '../refs/refs';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';
import { alreadyThere, squashed, squashOf } from './squash';

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

/** What a stack begins with. */
export type StackBase = Top;

/**
 * Where a stack starts now. Call it under the repository's lock: squash brings the integration ref up to date.
 * @throws GitError when the base branch does not exist
 */
export async function stackBase(
  repo: Repository,
  { baseBranch, strategy }: Pick<StackRequest, 'baseBranch' | 'strategy'>,
): Promise<StackBase> {
  if (strategy !== 'squash') {
    const base = await requireCommit(repo, branchRef(baseBranch));
    return { base, history: base };
  }
  const history = await bringUpToDate(repo, baseBranch);
  return { base: await requireCommit(repo, branchRef(baseBranch)), history };
}

/** A stack as far as it is built, and the tree of its last member. */
interface Built {
  origin: StackBase;
  top: Top;
  tree: string | null;
}

/** What a clean merge makes of the top. */
async function onTop(
  repo: Repository,
  { strategy, date }: Pick<StackRequest, 'strategy' | 'date'>,
  top: Top,
  { head, message, linear, tree }: StackMember & { tree: string },
): Promise<Top> {
  if (linear && (await isAncestor(repo, top.base, head))) return { base: head, history: head };
  if (strategy === 'squash') {
    const merge = { head, tree, message, date };
    if (await bringsNothing(repo, top, merge)) return alreadyThere(repo, top, merge);
    return squashed(repo, top, merge);
  }
  const commit = await writeCommit(repo, { tree, parents: [top.base, head], message, date });
  return { base: commit, history: commit };
}

async function put(
  repo: Repository,
  { strategy, date }: StackRequest,
  { origin, top, tree: topTree }: Built,
  { head, message, linear }: StackMember,
): Promise<{ result: MemberResult; top: Top; tree: string | null }> {
  const merged = await mergeTrees(repo, { ours: top.history, theirs: head });
  if (merged.kind === 'conflict')
    return { result: await conflictOrDeferred(repo, origin, top, head), top, tree: topTree };
  const { tree } = merged;
  if (tree === topTree && (await isAncestor(repo, head, top.history)))
    return { result: { kind: 'merged', commit: top.base, from: top.base }, top, tree };
  const next = await onTop(repo, { strategy, date }, top, { head, message, linear, tree });
  return { result: { kind: 'merged', commit: next.base, from: top.base }, top: next, tree };
}

/** True when a merge gave the tree that was there before, although the merged side changes something. */
async function bringsNothing(
  repo: Repository,
  top: Top,
  { head, tree }: { head: string; tree: string },
): Promise<boolean> {
  if (tree !== (await treeOf(repo, top.history))) return false;
  const before = await gitOf(repo).line(['merge-base', top.history, head]);
  return (await treeOf(repo, before)) !== (await treeOf(repo, head));
}

/**
 * Merges epics one on top of the other, and the first with the base branch, off to the side: no ref and no file
 * changes, so it needs no lock, and `land` finds out when the base branch has moved meanwhile. Each epic keeps a
 * commit of its own. One that does not merge is left out.
 * @throws GitError when a head does not exist
 */
export async function prepareStack(
  repo: Repository,
  origin: StackBase,
  request: StackRequest,
): Promise<Stack> {
  const { baseBranch, strategy } = request;
  // Needed as soon as it is known what is to be merged.
  void attributeFiles(repo, origin.history);
  const heads = await Promise.all(request.members.map(({ head }) => requireCommit(repo, head)));
  const { unlanded: open } = await unlanded(repo, heads, [origin.history]);
  const members: MemberResult[] = [];
  let built: Built = { origin, top: origin, tree: null };
  for (const [index, member] of request.members.entries()) {
    const head = heads[index]!;
    if (!open.has(head)) {
      const landed = await (strategy === 'squash' ? squashOf : mergeOf)(repo, origin.history, head);
      members.push({ kind: 'nothing', landed });
      continue;
    }
    const { result, ...next } = await put(repo, request, built, { ...member, head });
    members.push(result);
    built = { origin, ...next };
  }
  const { top } = built;
  if (top === origin) return { members, candidate: null };
  const candidate = {
    kind: 'candidate' as const,
    base: { old: origin.base, new: top.base },
    tree: await treeOf(repo, top.base),
  };
  if (strategy !== 'squash') return { members, candidate };
  const integration = { ref: integrationRef(baseBranch), old: origin.history, new: top.history };
  return { members, candidate: { ...candidate, integration } };
}
