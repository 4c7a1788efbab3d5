import { join } from 'node:path';
import { gitIn } from '../repository/checkout';
import { requireCommit } from '../content/commits';
import type { Repository } from '../repository/repository';
import { GitError } from '../process/runner';
import type { Git } from '../process/runner';
import { branchRef } from '../refs/refs';
import { symbolicHead } from '../refs/symbolic-head';
import { DirtyWorktree, statusOf } from '../content/status';
import { exists } from '../repository/exists';
import { textOf } from '../repository/text-of';
import type { Status } from '../content/status';
import { filesNamed } from './files-named';
import { followLinks, makeRoom } from '../submodule/submodule-follow';

/** The commit being merged in a worktree, or null. */
export async function mergeHead(git: Git): Promise<string | null> {
  return (await textOf(join(git.gitDir, 'MERGE_HEAD')))?.split('\n')[0]!.trim() || null;
}

/** @throws GitError when the worktree is not on the branch */
export async function requireBranch(git: Git, branch: string): Promise<void> {
  if ((await symbolicHead(git)) === branchRef(branch)) return;
  throw new GitError(
    ['symbolic-ref', 'HEAD'],
    1,
    `${git.workTree} is not on ${branch}: run git switch ${branch} there`,
  );
}

export interface ConflictRequest {
  worktree: string;
  branch: string;
  /** A commit that does not merge cleanly. */
  theirs: string;
  message?: string;
}

/**
 * Begins the merge in the epic's own worktree and leaves it there, markers and all, for somebody to resolve with
 * `git status`, an editor, `git add` and `git commit`. Idempotent.
 * @throws DirtyWorktree when there is other uncommitted work: take a snapshot and reset first
 */
export async function leaveConflict(repo: Repository, request: ConflictRequest): Promise<void> {
  const { worktree, branch } = request;
  const git = await gitIn(repo, worktree);
  const theirs = await requireCommit(repo, request.theirs);
  if ((await mergeHead(git)) === theirs) return followLinks(repo, git, branchRef(branch));
  await requireBranch(git, branch);
  const { changed } = await statusOf(git);
  if (changed.length > 0) throw new DirtyWorktree(worktree, changed);
  await makeRoom(repo, git, { from: branchRef(branch), to: theirs });
  const message = request.message ?? `Merge commit '${theirs.slice(0, 10)}' into ${branch}`;
  const args = ['merge', '--no-ff', '--no-commit', '--no-stat', '--quiet', '-m', message, theirs];
  const settings: [string, string][] = [[`branch.${branch}.mergeOptions`, '']];
  const merged = await git.run(args, { accept: [0, 1], settings });
  if ((await mergeHead(git)) !== theirs)
    throw new GitError(args, merged.exitCode, merged.stderr || merged.stdout);
  await followLinks(repo, git, branchRef(branch));
}

export interface ConflictState {
  /** A merge is in progress. */
  merging: boolean;
  /** Paths whose conflict is not resolved (`git add` resolves one). */
  unmerged: string[];
  /** Anything is uncommitted. */
  dirty: boolean;
}

/** How far somebody has come with resolving. */
export async function conflictState(repo: Repository, worktree: string): Promise<ConflictState> {
  const git = await gitIn(repo, worktree);
  return stateOf(git, await statusOf(git));
}

/** The same, of a status that is known already. */
export async function stateOf(git: Git, { changed, unmerged }: Status): Promise<ConflictState> {
  return { merging: await exists(join(git.gitDir, 'MERGE_HEAD')), unmerged, dirty: changed.length > 0 };
}

/**
 * Which of the files that conflicted still hold a conflict marker. Only those are asked: a line of `=======` or
 * `<<<<<<< ` elsewhere may be text. The attribute `conflict-marker-size` makes longer ones.
 */
export async function filesWithMarkers(worktree: string, conflicted: string[]): Promise<string[]> {
  const marked = await Promise.all(
    conflicted.map(async (path) => {
      const files = await filesNamed(worktree, path);
      return (await Promise.all(files.map(hasMarker))).includes(true) ? [path] : [];
    }),
  );
  return marked.flat();
}

async function hasMarker(file: Buffer): Promise<boolean> {
  return /^(<{7,}|>{7,}) /m.test((await textOf(file, 'latin1')) ?? '');
}
