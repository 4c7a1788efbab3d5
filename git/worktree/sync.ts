import type { Conflict } from '../../domain/model';
import { gitIn } from '../repository/checkout';
import { isAsCommitted } from '../content/as-committed';
import { attributeFiles } from '../content/attributes';
import { writeCommit } from '../content/commit-object';
import { commitOf, independentOf, requireCommit, unlanded } from '../content/commits';
import { changesBetween } from '../content/diff';
import { leaveConflict, mergeHead, requireBranch } from './conflict';
import { mergeTrees } from '../content/merge-tree';
import { branchRef, moveRef } from '../refs/refs';
import type { Repository } from '../repository/repository';
import { GitError } from '../process/runner';
import type { Git } from '../process/runner';
import { DirtyWorktree, statusOf } from '../content/status';
import { followLinks, makeRoom } from '../submodule/submodule-follow';
import { keepingTrust } from './trusted-index';

export interface Dependency {
  task: number;
  /** What it is called in the merge's message; `T<task>` if not given. */
  name?: string;
  commit: string;
  /** Of the branch itself, which contains it unless somebody moved it. */
  own?: boolean;
}

export interface SyncRequest {
  worktree: string;
  branch: string;
  dependencies: Dependency[];
  /** What has landed. Where a dependency conflicts that is part of it, it may hold the conflict's solution. */
  landed?: string;
  /** The worktree was just seen to hold no uncommitted changes. */
  clean?: boolean;
}

export type SyncResult = { kind: 'synced'; head: string } | { kind: 'conflict'; conflict: Conflict };

const mergeMessage = ({ task, name }: Dependency, branch: string) =>
  `Merge ${name ?? `T${task}`} into ${branch}`;

type Merged = { head: string; conflict: null } | { head: string; conflict: Conflict; dependency: Dependency };

async function mergeOne(
  repo: Repository,
  head: string,
  branch: string,
  dependency: Dependency,
): Promise<Merged> {
  const merged = await mergeTrees(repo, { ours: head, theirs: dependency.commit });
  if (merged.kind === 'conflict') {
    const conflict: Conflict = { during: 'sync', files: merged.files, ours: head, theirs: dependency.commit };
    return { head, conflict, dependency };
  }
  const parents = [head, dependency.commit];
  const message = mergeMessage(dependency, branch);
  return { head: await writeCommit(repo, { tree: merged.tree, parents, message }), conflict: null };
}

/**
 * Those that are in no other one of them, nor in `head`. What comes along with another one is not merged by itself: a
 * later task of an epic contains the earlier ones.
 */
export async function independent(
  repo: Repository,
  dependencies: Dependency[],
  head?: string,
): Promise<Dependency[]> {
  const open = dependencies.filter(({ commit }) => commit !== head);
  if (open.length === 0) return [];
  const commits = open.map(({ commit }) => commit);
  const tips = await independentOf(repo, head ? [head, ...commits] : commits);
  return open.filter(({ commit }, at) => commits.indexOf(commit) === at && tips.has(commit));
}

interface Merging {
  start: string;
  branch: string;
  /** Outside of `start`, and none contains another. */
  needed: Dependency[];
  landed?: string;
}

async function mergeAll(repo: Repository, { start, branch, needed, landed }: Merging): Promise<Merged> {
  let head = start;
  for (const [at, dependency] of needed.entries()) {
    const merged = await mergeOne(repo, head, branch, dependency);
    if (merged.conflict) {
      const open = needed.slice(at);
      const settled = landed ? await mergeLanded(repo, { start: head, branch, needed: open, landed }) : null;
      return settled ?? merged;
    }
    head = merged.head;
  }
  return { head, conflict: null };
}

/** Whoever resolved the conflict when the dependency landed need not do it again. Null where that does not help. */
async function mergeLanded(
  repo: Repository,
  { start, branch, needed, landed }: Merging & { landed: string },
): Promise<Merged | null> {
  const commits = needed.map(({ commit }) => commit);
  const { unlanded: outside } = await unlanded(repo, commits, [landed]);
  const [conflicting] = needed;
  if (!conflicting || outside.has(conflicting.commit)) return null;
  const merged = await mergeOne(repo, start, branch, { ...conflicting, commit: landed });
  if (merged.conflict) return null;
  const rest = needed.filter(({ commit }) => outside.has(commit));
  return mergeAll(repo, { start: merged.head, branch, needed: rest });
}

/** `clean`: `git status` has just looked, and so refreshed the index, as far as it could. */
async function readTree(
  git: Git,
  { from, to, clean }: { from: string; to: string; clean: boolean },
): Promise<void> {
  const args = ['read-tree', '-m', '-u', from, to];
  if (clean && (await git.run(args, { accept: [0, 128] })).exitCode === 0) return;
  // Not `-q`: it would not say which lock is in its way.
  await git.run(['update-index', '--refresh'], { accept: [0, 1] });
  await git.run(args).catch(async (error: unknown) => {
    if (!(error instanceof GitError) || error.exitCode === null) throw error;
    if (!(await isAsCommitted(git, await changesBetween(git, from, to)))) throw error;
    await git.run(['read-tree', '--reset', '-u', from, to]);
  });
}

/** Files first: a crash in between leaves a dirty worktree, which the next attempt snapshots and resets. */
async function moveWorktree(
  repo: Repository,
  git: Git,
  branch: string,
  move: { from: string; to: string; clean: boolean },
): Promise<void> {
  const { from, to } = move;
  if (from === to) return;
  await makeRoom(repo, git, move);
  await keepingTrust(git, () => readTree(git, move));
  await followLinks(repo, git, from);
  if (await moveRef(repo, branchRef(branch), to, from)) return;
  throw new GitError(
    ['update-ref', branchRef(branch)],
    1,
    'the branch moved while dependencies were being merged',
  );
}

/** The conflict that an earlier call left in the worktree, if it is one of these dependencies. */
async function conflictLeft(repo: Repository, git: Git, head: string, dependencies: Dependency[]) {
  const theirs = await mergeHead(git);
  const dependency = dependencies.find(({ commit }) => commit === theirs);
  if (!dependency) return null;
  const merged = await mergeTrees(repo, { ours: head, theirs: dependency.commit });
  if (merged.kind === 'clean') return null;
  const conflict: Conflict = { during: 'sync', files: merged.files, ours: head, theirs: dependency.commit };
  return conflict;
}

/**
 * Merges the exact commit of each dependency into the branch, unless it is contained already. Where one conflicts that
 * has landed, what landed is merged in its place if that does not conflict. Merges before a conflict are kept; the
 * conflicting one is left in the worktree with its markers.
 * @throws DirtyWorktree when there is something to merge and the worktree holds uncommitted changes: take a snapshot and reset first
 * @throws GitError when a dependency's commit does not exist
 */
export async function syncDependencies(repo: Repository, request: SyncRequest): Promise<SyncResult> {
  const { worktree, branch, dependencies } = request;
  const git = await gitIn(repo, worktree);
  await requireBranch(git, branch);
  const head = await requireCommit(repo, branchRef(branch));
  const left = await conflictLeft(repo, git, head, dependencies);
  if (left) return { kind: 'conflict', conflict: left };
  // Of those of other branches one is to be merged, most likely.
  if (dependencies.some(({ own, commit }) => !own && commit !== head)) void attributeFiles(repo, head);
  const known = await Promise.all(dependencies.map(({ commit }) => commitOf(repo, commit)));
  const lost = dependencies.find((_, at) => known[at] === null);
  if (lost)
    throw new GitError(['merge', lost.commit], 128, `the commit of task ${lost.task} no longer exists`);
  const needed = await independent(repo, dependencies, head);
  if (needed.length === 0) return { kind: 'synced', head };
  const changed = request.clean ? [] : (await statusOf(git)).changed;
  if (changed.length > 0) throw new DirtyWorktree(worktree, changed);
  const merged = await mergeAll(repo, { start: head, branch, needed, landed: request.landed });
  await moveWorktree(repo, git, branch, { from: head, to: merged.head, clean: request.clean ?? false });
  if (!merged.conflict) return { kind: 'synced', head: (await commitOf(repo, branchRef(branch)))! };
  await leaveConflict(repo, {
    worktree,
    branch,
    theirs: merged.dependency.commit,
    message: mergeMessage(merged.dependency, branch),
  });
  return { kind: 'conflict', conflict: merged.conflict };
}
