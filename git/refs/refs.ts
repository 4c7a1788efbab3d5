import { ask } from '../process/answering';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';
import { resolveName } from './resolver';

export const branchRef = (branch: string) => `refs/heads/${branch}`;

const UPDATE = ['update-ref', '-m', 'yokeflow', '--stdin'];

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
  const asked = ask(repo, UPDATE, `start\n${input}commit\n`, 2).catch(() => null);
  if ((await asked)?.[1] === 'commit: ok') return true;
  // It ends for whatever it cannot do: a command of its own tells what that is.
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
  const asked = ask(repo, UPDATE, `start\ndelete ${ref} ${from}\ncommit\n`, 2).catch(() => null);
  if ((await asked)?.[1] === 'commit: ok') return;
  if ((await resolveName(repo, ref)) === null) return;
  await gitOf(repo).run(['update-ref', '-d', ref, from]);
}
