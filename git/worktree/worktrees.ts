import { lstat, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { canonical, gitIn, NotAWorktree, worktreeEntry } from '../repository/checkout';
import { commitOf } from '../content/commits';
import { stateOf } from './conflict';
import type { ConflictState } from './conflict';
import { excludeWorktrees } from '../repository/exclude';
import { removeFolder } from '../repository/folder';
import { removeWorktreeLocks } from '../locks/locks';
import { branchRef, moveRef } from '../refs/refs';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';
import { GitError } from '../process/runner';
import { exists, statusOf } from '../content/status';
import { discard } from './trash';
import { trustIndex } from './trusted-index';
import { refuseClashes } from '../repository/case-clash';
import { WorktreeProblem } from '../repository/worktree-problem';
import { listWorktrees } from './worktree-list';
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

async function isHalfMade(repo: Repository, worktree: Worktree): Promise<boolean> {
  if (worktree.prunable || worktree.locked === 'initializing') return true;
  const entry = await worktreeEntry(repo, worktree.path);
  return !entry || !(await exists(join(entry, 'HEAD')));
}

async function holdsSomethingElse(path: string): Promise<boolean> {
  const content = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    return ['not a folder'];
  });
  return content.some((name) => name !== '.git');
}

/** Whoever put a link there, an agent perhaps, would decide where worktrees are. */
async function refuseLink(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => null);
  if (found?.isSymbolicLink())
    throw new WorktreeProblem(`${folder} is a symbolic link, and no worktree is made through one: remove it`);
}

async function add(repo: Repository, path: string, { branch, start }: WorktreeRequest): Promise<void> {
  if (await holdsSomethingElse(path)) {
    throw new WorktreeProblem(
      `${path} is in the way and is no worktree of this repository: move it elsewhere`,
    );
  }
  await removeFolder(path);
  await excludeWorktrees(repo);
  const known = await commitOf(repo, branchRef(branch));
  await refuseClashes(repo, { branch, commit: known ?? start });
  const target = known ? [path, branch] : ['--no-track', '-b', branch, path, start];
  const settings: [string, string][] = [['core.sparseCheckout', 'false']];
  await gitOf(repo).run(['worktree', 'add', '--quiet', ...target], { settings });
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
  if (!git || (await exists(join(git.gitDir, 'locked')))) return null;
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
 * Makes sure that a worktree for the branch stands at the path; finds it, makes it, or makes it anew when a crash
 * left it half-made. Call it under the repository's lock.
 * @returns whether it was made now, and the commit its HEAD is at
 * @throws WorktreeProblem when the branch is checked out elsewhere, something else is at the path, or a link leads to it
 */
export async function ensureWorktree(
  repo: Repository,
  request: WorktreeRequest,
): Promise<{ created: boolean; head: string }> {
  await refuseLink(dirname(request.path));
  const path = await canonical(request.path);
  const worktrees = await listWorktrees(repo);
  const other = worktrees.find(
    (tree) => tree.branch === request.branch && tree.path !== path && !tree.prunable,
  );
  if (other) {
    throw new WorktreeProblem(
      `branch ${request.branch} is checked out in ${other.path}: check out another branch there`,
    );
  }
  const known = worktrees.find((tree) => tree.path === path);
  if (known && !(await isHalfMade(repo, known)))
    return { created: false, head: await headOf(repo, path, request) };

  const entry = await worktreeEntry(repo, path);
  await removeWorktreeLocks(
    repo.gitDir,
    entry ?? join(repo.gitDir, 'worktrees', basename(path)),
    request.branch,
  );
  if (known) await discard(repo, path);
  await add(repo, path, request);
  await trustIndex(await gitIn(repo, path));
  return { created: true, head: await headOf(repo, path, request) };
}
