import { gitIn } from '../repository/checkout';
import { writeCommit } from '../content/commit-object';
import { treeOf } from '../content/commits';
import { countOwn } from '../content/own-line';
import { branchRef, moveRef } from '../refs/refs';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';
import { resolveName } from '../refs/resolver';
import { settleOn } from './reset';
import { GitError } from '../process/runner';
import { filesOf } from './worktree-index';

/** The tree that a task's commit will have: the files as they are now. Leaves nothing behind when killed. */
export async function worktreeTree(repo: Repository, worktree: string): Promise<string> {
  return (await filesOf(repo, worktree)).tree;
}

export interface TaskCommit {
  worktree: string;
  branch: string;
  /** The commit that the task started from; the first parent. */
  base: string;
  /** Of a merge: a second parent. */
  merged?: string;
  /** From `worktreeTree`. */
  tree: string;
  /** The worktree's index and files were found to hold exactly `tree`, and nothing has run there since. */
  clean?: boolean;
  message: string;
  /** ISO 8601. The same request gives the same commit, so that a repeat after a crash adds nothing. */
  date: string;
  /** A ref that keeps the commit alive, whatever happens to its branch. */
  pin?: string;
}

/**
 * Folds everything that a task did into one commit, moves the branch there and makes the worktree clean. What was
 * written after `tree` was computed is discarded, ignored files stay. Commits that the agent made itself are no
 * longer on the branch: the caller takes a snapshot first if they are to be kept.
 * @returns the commit, and whether it changes nothing
 * @throws GitError when somebody else moved the branch meanwhile
 */
export async function commitTask(
  repo: Repository,
  request: TaskCommit,
): Promise<{ commit: string; empty: boolean }> {
  const { branch, base, merged, tree, clean, message, date, pin } = request;
  const commit = await writeCommit(repo, { tree, parents: merged ? [base, merged] : [base], message, date });
  const git = await gitIn(repo, request.worktree);
  const ref = branchRef(branch);
  if (!(await moveRef(repo, ref, commit, await resolveName(repo, ref), pin))) {
    throw new GitError(['update-ref', ref], 1, 'the branch moved while the task was being committed');
  }
  await settleOn(git, branch, { clean });
  return { commit, empty: tree === (await treeOf(repo, base)) };
}

const MOST_MESSAGES = 50;

/** Messages of the commits that an agent made itself, oldest first; of very many, the newest fifty. */
export async function foldedMessages(repo: Repository, base: string, head: string): Promise<string[]> {
  const range = ['--first-parent', `--max-count=${MOST_MESSAGES}`, `${base}..${head}`];
  const { stdout } = await gitOf(repo).run(['log', '-z', '--format=%H%n%B', ...range, '--']);
  const listed = stdout.split('\0').filter(Boolean);
  const line = listed.map((text) => text.slice(0, text.indexOf('\n')));
  return listed
    .slice(0, await countOwn(repo, line, base))
    .map((text) => text.slice(text.indexOf('\n')).trim())
    .filter(Boolean)
    .reverse();
}
