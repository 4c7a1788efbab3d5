import { dirname } from 'node:path';
import { canonical, gitIn, worktreeEntry } from '../repository/checkout';
import { commitOf, unlanded } from '../content/commits';
import { branchRef, deleteRef } from '../refs/refs';
import { symbolicHead } from '../refs/symbolic-head';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';
import { hasUncommittedWork, snapshot } from './snapshot';
import { exists } from '../repository/exists';
import { keepSubmoduleCommits } from '../submodule/submodule-keep';
import { headOf } from '../submodule/submodule-store';
import { emptyTrash, removeIfEmpty, throwAway } from './trash';
import { checkoutsOf } from './checked-out';
import { INITIALIZING, lockOf } from './worktree-list';

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

/** What keeps a worktree from going. */
interface Obstacle {
  /** In words for a person. */
  reason: string;
  /** Lost work can be kept elsewhere first: `force` may go on. */
  forcible: boolean;
  /** There is something to keep. */
  work: boolean;
}

async function headIn(repo: Repository, path: string): Promise<string | null> {
  const git = await gitIn(repo, path);
  const ref = await symbolicHead(git);
  return ref === null ? headOf(git) : commitOf(repo, ref);
}

async function obstacleIn(
  repo: Repository,
  request: RemovalRequest,
  entry: string,
  merged: string | null,
): Promise<Obstacle | null> {
  const { path } = request;
  const locked = await lockOf(entry);
  if (locked === INITIALIZING) return null;
  const prefix = `refs/yokeflow/worktrees/${request.branch}`;
  const [unkept] = await keepSubmoduleCommits(repo, { worktree: path, prefix });
  // A snapshot holds a submodule's files, not its history.
  if (unkept) return { reason: `${path}: ${unkept}`, forcible: false, work: true };
  const work = (reason: string): Obstacle => ({ reason: `${path} ${reason}`, forcible: true, work: true });
  if (await hasUncommittedWork(repo, path)) return work('has uncommitted changes');
  const head = await headIn(repo, path);
  if (head && head !== merged && (await unlanded(repo, [head], request.base)).unlanded.size > 0)
    return work('has commits that are not merged');
  return locked === null ? null : { reason: `${path} is locked`, forcible: true, work: false };
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

async function removeTree(
  repo: Repository,
  request: RemovalRequest,
  merged: string | null,
): Promise<Removal> {
  const entry = await worktreeEntry(repo, request.path);
  const onDisk = await exists(request.path);
  if (!entry && onDisk) return refused(`${request.path} is no worktree of this repository`);
  const obstacle = entry && onDisk ? await obstacleIn(repo, request, entry, merged) : null;
  if (obstacle && !(request.force && obstacle.forcible)) return refused(obstacle.reason);
  const kept = obstacle?.work ? await keep(repo, request) : null;
  await throwAway(repo, request.path);
  return kept ? { removed: true, snapshot: kept } : { removed: true };
}

/** Whether the branch has commits that none of `base` contains, and otherwise its commit, if there is a branch. */
async function lookAtBranch(
  repo: Repository,
  { branch, base }: RemovalRequest,
): Promise<{ unmerged: boolean; merged: string | null }> {
  const tip = await commitOf(repo, branchRef(branch));
  const unmerged = tip !== null && (await unlanded(repo, [tip], base)).unlanded.size > 0;
  return { unmerged, merged: unmerged ? null : tip };
}

/** Why `removeWorktree` would leave the worktree alone; null when it would remove it. */
export async function whyNotRemovable(repo: Repository, given: RemovalRequest): Promise<string | null> {
  const request = { ...given, path: await canonical(given.path) };
  const { unmerged, merged } = await lookAtBranch(repo, request);
  if (unmerged && !request.force) return `branch ${request.branch} has commits that are not merged`;
  const entry = await worktreeEntry(repo, request.path);
  const onDisk = await exists(request.path);
  if (!entry && onDisk) return `${request.path} is no worktree of this repository`;
  const obstacle = entry && onDisk ? await obstacleIn(repo, request, entry, merged) : null;
  return obstacle && !(request.force && obstacle.forcible) ? obstacle.reason : null;
}

/** @param merged a commit that is known to be contained in one of `base` */
async function deleteMergedBranch(
  repo: Repository,
  { branch, base }: RemovalRequest,
  merged: string | null,
): Promise<string | null> {
  const tip = await commitOf(repo, branchRef(branch));
  if (!tip) return null;
  if (tip !== merged && (await unlanded(repo, [tip], base)).unlanded.size > 0)
    return `branch ${branch} is not merged: it stays`;
  const [elsewhere] = await checkoutsOf(repo, branch);
  if (elsewhere) return `branch ${branch} is checked out in ${elsewhere}: it stays`;
  await deleteRef(repo, branchRef(branch), tip);
  return null;
}

/**
 * Deletes the files of a worktree that is gone already, which may take long for a large one: it needs no lock. Idempotent.
 * @returns why some are left, for a person; null when none are
 */
export async function deleteRemoved(given: string): Promise<string | null> {
  const path = await canonical(given);
  const left = await emptyTrash(path);
  await removeIfEmpty(dirname(path));
  return left;
}

/** The same as `takeOut`, with its files. */
export async function removeWorktree(repo: Repository, given: RemovalRequest): Promise<Removal> {
  await deleteRemoved(given.path);
  const removal = await takeOut(repo, given);
  const left = await deleteRemoved(given.path);
  return left ? { ...removal, reason: removal.reason ?? left } : removal;
}

/**
 * Removes a worktree, and its branch once that is contained in one of `base`; its files are still to be deleted, see
 * `deleteRemoved`. Refuses, and says why, when the worktree is dirty, unmerged or locked. Idempotent: finishes what a
 * crash interrupted. Call it under the repository's lock, and only when nobody works in the worktree.
 */
export async function takeOut(repo: Repository, given: RemovalRequest): Promise<Removal> {
  const request = { ...given, path: await canonical(given.path) };
  const { unmerged, merged } = await lookAtBranch(repo, request);
  if (unmerged && !request.force) return refused(`branch ${request.branch} has commits that are not merged`);
  const removal = await removeTree(repo, request, merged);
  if (!removal.removed) return removal;
  const reason = await deleteMergedBranch(repo, request, merged);
  return reason ? { ...removal, reason } : removal;
}
