import { gitOf } from './repository';
import type { Repository } from './repository';

export const branchRef = (branch: string) => `refs/heads/${branch}`;

/**
 * Moves a ref if it still is at `from` (null: if it does not exist). False when somebody else moved it.
 * @throws GitError for any other reason, such as a lock
 */
export async function moveRef(
  repo: Repository,
  ref: string,
  to: string,
  from: string | null,
): Promise<boolean> {
  const git = gitOf(repo);
  // An empty old value would mean "whatever it is": all zeros mean "must not exist".
  const expected = from ?? '0'.repeat(to.length);
  const moved = await git.run(['update-ref', '-m', 'yokeflow', ref, to, expected], { accept: [0, 1, 128] });
  if (moved.exitCode === 0) return true;
  const { stdout } = await git.run(['rev-parse', '--verify', '--quiet', ref], { accept: [0, 1] });
  if ((stdout.trim() || null) !== from) return false;
  await git.run(['update-ref', '-m', 'yokeflow', ref, to, expected]);
  return true;
}

/** Deletes a ref if it still is at `from`. */
export async function deleteRef(repo: Repository, ref: string, from: string): Promise<void> {
  await gitOf(repo).run(['update-ref', '-d', ref, from]);
}
