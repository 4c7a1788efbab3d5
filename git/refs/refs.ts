import { ask } from '../process/answering';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';
import { resolveName } from './resolver';

export const branchRef = (branch: string) => `refs/heads/${branch}`;

/**
 * A ref of ours that is about a branch, whose name is one part of the ref's: `night` and, when that is gone, `night/2` may both
 * have been base branches, and a ref cannot be where a folder of others is.
 */
export const ownRef = (kind: 'integration' | 'landing' | 'seen', branch: string) =>
  `refs/yokeflow/${kind}/${branch.replace(/[%/]/g, encodeURIComponent)}`;

const UPDATE = ['update-ref', '-m', 'yokeflow', '--stdin'];

/**
 * All of these updates or none, by the process that goes on running. It ends for whatever it cannot do, and then this is
 * false: a command of its own tells what that is.
 */
async function updateTogether(repo: Repository, updates: string): Promise<boolean> {
  const answer = await ask(repo, UPDATE, `start\n${updates}commit\n`, 2).catch(() => null);
  return answer?.[1] === 'commit: ok';
}

/**
 * Moves a ref if it still is at `from` (null: if it does not exist). False when somebody else moved it.
 * @param pin another ref, set to the same commit wherever it was: both move, or neither
 * @throws GitError for any other reason, such as a lock
 */
export async function moveRef(
  repo: Repository,
  ref: string,
  to: string,
  from: string | null,
  pin?: string,
): Promise<boolean> {
  // An empty old value would mean "whatever it is": all zeros mean "must not exist".
  const updates = [
    `update ${ref} ${to} ${from ?? '0'.repeat(to.length)}`,
    ...(pin ? [`update ${pin} ${to}`] : []),
  ];
  const input = updates.map((update) => `${update}\n`).join('');
  if (await updateTogether(repo, input)) return true;
  const git = gitOf(repo);
  const moved = await git.run(UPDATE, { input, accept: [0, 1, 128] });
  if (moved.exitCode === 0) return true;
  const now = await resolveName(repo, ref);
  // It had been moved when the first one ended.
  if (now === to && (!pin || (await resolveName(repo, pin)) === to)) return true;
  if (now !== from) return false;
  await git.run(UPDATE, { input });
  return true;
}

/** Deletes a ref if it still is at `from`. */
export async function deleteRef(repo: Repository, ref: string, from: string): Promise<void> {
  if (await updateTogether(repo, `delete ${ref} ${from}\n`)) return;
  if ((await resolveName(repo, ref)) === null) return;
  await gitOf(repo).run(['update-ref', '-d', ref, from]);
}
