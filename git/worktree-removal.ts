import { dirname, join } from 'node:path';
import { canonical, gitIn, worktreeEntry } from './checkout';
import { commitOf, unlanded } from './commits';
import { branchRef, deleteRef } from './refs';
import { gitOf } from './repository';
import type { Repository } from './repository';
import { hasUncommittedWork, snapshot } from './snapshot';
import { exists } from './status';
import { discard, emptyTrash, removeIfEmpty } from './trash';
import { listWorktrees } from './worktree-list';

export interface RemovalRequest {
  path: string;
  branch: string;
  /** Refs or commits, one of which must contain the branch. */
  base: string[];
  /** Remove it even so; its changes are kept at `snapshotRef` first, and an unmerged branch stays. */
  force?: boolean;
  snapshotRef?: string;
}

export interface Removal {
  removed: boolean;
  /** Why not, in words for a person. */
  reason?: string;
  /** The commit at `snapshotRef`. */
  snapshot?: string;
}

const refused = (reason: string): Removal => ({ removed: false, reason });

/** What a worktree holds that would be gone with it: null when nothing. */
async function obstacle(repo: Repository, request: RemovalRequest, entry: string): Promise<string | null> {
  const git = await gitIn(repo, request.path);
  const head = await git.run(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { accept: [0, 1] });
  const heads = head.exitCode === 0 ? [head.stdout.trim()] : [];
  if ((await unlanded(repo, heads, request.base)).unlanded.size > 0) return 'has commits that are not merged';
  if (await exists(join(entry, 'modules')))
    return 'has submodules checked out, which may hold commits of their own';
  return null;
}

async function keep(repo: Repository, request: RemovalRequest): Promise<string | null> {
  const { path: worktree, snapshotRef: ref } = request;
  if (!ref) throw new Error('a forced removal needs a snapshotRef to keep the changes at');
  const kept = await snapshot(repo, { worktree, ref, message: `Uncommitted work of ${request.branch}` });
  if (kept) return kept.commit;
  // HEAD may be on commits that no branch holds.
  const head = await (await gitIn(repo, worktree)).line(['rev-parse', 'HEAD^{commit}']);
  await gitOf(repo).run(['update-ref', ref, head]);
  return head;
}

async function removeTree(repo: Repository, request: RemovalRequest): Promise<Removal> {
  const entry = await worktreeEntry(repo, request.path);
  const known = (await listWorktrees(repo)).find((tree) => tree.path === request.path);
  if (!entry || !(await exists(request.path))) {
    if (!entry && (await exists(request.path)))
      return refused(`${request.path} is no worktree of this repository`);
    await discard(repo, request.path);
    return { removed: true };
  }
  const initializing = known?.locked === 'initializing';
  if (known?.locked != null && !initializing && !request.force) return refused(`${request.path} is locked`);
  let kept: string | null = null;
  if (!initializing) {
    const reason = await obstacle(repo, request, entry);
    const dirty = await hasUncommittedWork(repo, request.path);
    if (!request.force && dirty) return refused(`${request.path} has uncommitted changes`);
    if (!request.force && reason) return refused(`${request.path} ${reason}`);
    if (dirty || reason) kept = await keep(repo, request);
  }
  await discard(repo, request.path);
  return kept ? { removed: true, snapshot: kept } : { removed: true };
}

async function deleteMergedBranch(
  repo: Repository,
  { branch, base }: RemovalRequest,
): Promise<string | null> {
  const tip = await commitOf(repo, branchRef(branch));
  if (!tip) return null;
  if ((await unlanded(repo, [tip], base)).unlanded.size > 0)
    return `branch ${branch} is not merged: it stays`;
  const elsewhere = (await listWorktrees(repo)).find((tree) => tree.branch === branch);
  if (elsewhere) return `branch ${branch} is checked out in ${elsewhere.path}: it stays`;
  await deleteRef(repo, branchRef(branch), tip);
  return null;
}

/**
 * Removes a worktree, and its branch once that is contained in one of `base`. Refuses, and says why, when the
 * worktree is dirty, unmerged or locked. Idempotent: finishes what a crash interrupted. Call it under the
 * repository's lock, and only when nobody works in the worktree.
 */
export async function removeWorktree(repo: Repository, given: RemovalRequest): Promise<Removal> {
  const request = { ...given, path: await canonical(given.path) };
  await emptyTrash(request.path);
  const tip = await commitOf(repo, branchRef(request.branch));
  if (tip && !request.force && (await unlanded(repo, [tip], request.base)).unlanded.size > 0) {
    return refused(`branch ${request.branch} has commits that are not merged`);
  }
  const removal = await removeTree(repo, request);
  if (!removal.removed) return removal;
  await removeIfEmpty(dirname(request.path));
  const reason = await deleteMergedBranch(repo, request);
  return reason ? { ...removal, reason } : removal;
}
