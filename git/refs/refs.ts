import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';
import { resolveName } from './resolver';

export const branchRef = (branch: string) => `refs/heads/${branch}`;

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
  const git = gitOf(repo);
  // An empty old value would mean "whatever it is": all zeros mean "must not exist".
  const updates = [
    `update ${ref} ${to} ${from ?? '0'.repeat(to.length)}`,
    ...(pin ? [`update ${pin} ${to}`] : []),
  ];
  const args = ['update-ref', '-m', 'yokeflow', '--stdin'];
  const input = updates.map((update) => `${update}\n`).join('');
  const moved = await git.run(args, { input, accept: [0, 1, 128] });
  if (moved.exitCode === 0) return true;
  if ((await resolveName(repo, ref)) !== from) return false;
  await git.run(args, { input });
  return true;
}

/** Deletes a ref if it still is at `from`. */
export async function deleteRef(repo: Repository, ref: string, from: string): Promise<void> {
  await gitOf(repo).run(['update-ref', '-d', ref, from]);
}
