import { lstat, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { canonical, gitIn, NotAWorktree, worktreeEntry } from '../repository/checkout';
import { commitOf, requireCommit } from '../content/commits';
import { stateOf } from './conflict';
import type { ConflictState } from './conflict';
import { excludeWorktrees } from '../repository/exclude';
import { removeFolder } from '../repository/folder';
import { removeWorktreeLocks } from '../locks/worktree-locks';
import { branchRef, moveRef } from '../refs/refs';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';
import { GitError } from '../process/runner';
import { statusOf } from '../content/status';
import { exists } from '../repository/exists';
import { resetHard } from './reset';
import { leadsTo, mendLink } from './link';
import { emptyTrash, throwAway } from './trash';
import { trustIndex } from './trusted-index';
import { makeWhole } from './whole';
import { refuseClashes } from '../repository/case-clash';
import { WorktreeProblem } from '../repository/worktree-problem';
import { checkoutsOf } from './checked-out';
import { INITIALIZING, listWorktrees, lockOf } from './worktree-list';
import type { Worktree } from './worktree-list';

export { removeWorktree } from './worktree-removal';
export type { Removal, RemovalRequest } from './worktree-removal';
export { listWorktrees };
export type { Worktree };

export { WorktreeProblem };

export interface WorktreeRequest {
  path: string;
  branch: string;
  /** Where the branch starts if it does not exist yet. */
  start: string;
}

async function isHalfMade(entry: string, path: string): Promise<boolean> {
  const locked = await lockOf(entry);
  if (locked === INITIALIZING || !(await exists(join(entry, 'HEAD')))) return true;
  // One on a disk that is away is locked by its owner: it is not git's to forget.
  return locked === null && !(await exists(join(path, '.git'))) && !(await holdsSomethingElse(path));
}

async function holdsSomethingElse(path: string): Promise<boolean> {
  const content = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    return ['not a folder'];
  });
  return content.some((name) => name !== '.git');
}

/** Whoever put a link there, an agent perhaps, would decide where worktrees are. */
async function refuseOtherThanFolder(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => null);
  if (found?.isSymbolicLink())
    throw new WorktreeProblem(`${folder} is a symbolic link, and no worktree is made through one: remove it`);
  if (found && !found.isDirectory())
    throw new WorktreeProblem(
      `${folder} is in the way: worktrees go into a folder of that name: move it elsewhere`,
    );
}

async function clashesOf(repo: Repository, { branch, start }: WorktreeRequest): Promise<void> {
  const known = await commitOf(repo, branchRef(branch));
  await refuseClashes(repo, { branch, commit: known ?? start });
}

/** A branch cannot be what another one has for a folder. */
const BRANCH_BELOW = /cannot lock ref 'refs\/heads\/.*': 'refs\/heads\/(.*)' exists/;

/** With nothing checked out, and locked until it is. */
async function add(repo: Repository, path: string, { branch, start }: WorktreeRequest): Promise<void> {
  if (await holdsSomethingElse(path)) {
    throw new WorktreeProblem(
      `${path} is in the way and is no worktree of this repository: move it elsewhere`,
    );
  }
  await removeFolder(path);
  await excludeWorktrees(repo);
  const known = await commitOf(repo, branchRef(branch));
  const target = known ? [path, branch] : ['--no-track', '-b', branch, path, start];
  const empty = ['--no-checkout', '--lock', '--reason', INITIALIZING];
  await gitOf(repo)
    .run(['worktree', 'add', '--quiet', ...empty, ...target])
    .catch((error: unknown) => {
      const [, other] = (error instanceof GitError && BRANCH_BELOW.exec(error.stderr)) || [];
      if (other === undefined) throw error;
      throw new WorktreeProblem(
        `branch ${other} is there, beside which git can have no ${branch}: rename it (git branch -m ${other} NAME)`,
      );
    });
}

/**
 * Checks out the files of a worktree that `registerWorktree` made. In a large repository that takes seconds, for which
 * nobody else need wait: without the repository's lock, by whoever owns the worktree. A worktree in which this was
 * interrupted is made anew.
 */
export async function fillWorktree(repo: Repository, path: string): Promise<void> {
  // What is left of one that was half-made.
  await emptyTrash(path);
  const git = await gitIn(repo, path);
  // Git makes it as sparse as the user's own checkout.
  await makeWhole(repo, path);
  await resetHard(git);
  await trustIndex(git);
  await rm(join(git.gitDir, 'locked'), { force: true });
}

/** A worktree that stands, on its branch, with a commit. */
export interface ReadyWorktree {
  head: string;
  state: ConflictState;
}

/**
 * The worktree, if there is nothing to make or to mend about it; null when there may be. Only reads, so it needs no
 * lock: for whoever owns the worktree.
 */
export async function readyWorktree(
  repo: Repository,
  { path, branch }: Pick<WorktreeRequest, 'path' | 'branch'>,
): Promise<ReadyWorktree | null> {
  const git = await gitIn(repo, path).catch((error: unknown) => {
    if (error instanceof NotAWorktree) return null;
    throw error;
  });
  if (!git || (await exists(join(git.gitDir, 'locked'))) || !(await leadsTo(path, git.gitDir))) return null;
  const status = await statusOf(git).catch((error: unknown) => {
    if (error instanceof GitError && error.exitCode !== null) return null;
    throw error;
  });
  if (!status?.head || status.branch !== branch) return null;
  return { head: status.head, state: await stateOf(git, status) };
}

/** The worktree was left by `worktree add` complete; its branch may be gone. */
async function headOf(repo: Repository, path: string, { branch, start }: WorktreeRequest): Promise<string> {
  const git = await gitIn(repo, path);
  const head = await git.run(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { accept: [0, 1] });
  if (head.exitCode === 0) return head.stdout.trim();
  const commit = await git.line(['rev-parse', '--verify', `${start}^{commit}`]);
  await moveRef(repo, branchRef(branch), commit, null);
  return (await commitOf(repo, branchRef(branch))) ?? commit;
}

/**
 * The same as `registerWorktree`, with the files. Call it under the repository's lock.
 * @returns whether it was made now, and the commit its HEAD is at
 * @throws WorktreeProblem
 */
export async function ensureWorktree(
  repo: Repository,
  request: WorktreeRequest,
): Promise<{ created: boolean; head: string }> {
  const registered = await registerWorktree(repo, request);
  if (registered.created) await fillWorktree(repo, request.path);
  return registered;
}

/**
 * Makes sure that the repository has a worktree for the branch at the path; finds it, makes it, or makes it anew when
 * a crash left it half-made. One that is made has no files yet: `fillWorktree` is to follow. Call it under the
 * repository's lock.
 * @returns whether it was made now, and the commit its HEAD is at
 * @throws WorktreeProblem when the branch is checked out elsewhere, something else is at the path, or a link leads to it
 */
export async function registerWorktree(
  repo: Repository,
  request: WorktreeRequest,
): Promise<{ created: boolean; head: string }> {
  await refuseOtherThanFolder(dirname(request.path));
  const path = await canonical(request.path);
  const clashes = clashesOf(repo, request);
  // Whoever needs it hears of it.
  clashes.catch(() => undefined);
  const other = (await checkoutsOf(repo, request.branch)).find((checkout) => checkout !== path);
  if (other) {
    throw new WorktreeProblem(
      `branch ${request.branch} is checked out in ${other}: check out another branch there`,
    );
  }
  const entry = await worktreeEntry(repo, path);
  if (entry && !(await isHalfMade(entry, path))) {
    await mendLink(path, entry);
    return { created: false, head: await headOf(repo, path, request) };
  }

  await removeWorktreeLocks(
    repo.gitDir,
    entry ?? join(repo.gitDir, 'worktrees', basename(path)),
    request.branch,
  );
  await clashes;
  if (entry) await throwAway(repo, path);
  await add(repo, path, request);
  return { created: true, head: await requireCommit(repo, branchRef(request.branch)) };
}
