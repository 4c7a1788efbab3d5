import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { gitIn, NotAWorktree } from '../repository/checkout';
import type { Repository } from '../repository/repository';
import { mergeHead } from './conflict';
import { unmergedPaths } from './unfinished';

const writtenAt = (file: string): Promise<number> =>
  lstat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

/**
 * When somebody last did something about the merge that is in progress in a worktree: began it, staged some of it, or wrote
 * into a file that conflicts, in milliseconds. Null when there is none.
 */
export async function mergeTouchedAt(repo: Repository, worktree: string): Promise<number | null> {
  const git = await gitIn(repo, worktree).catch((error: unknown) => {
    if (error instanceof NotAWorktree) return null;
    throw error;
  });
  if (git === null || (await mergeHead(git)) === null) return null;
  const own = ['MERGE_HEAD', 'index'].map((name) => join(git.gitDir, name));
  const files = (await unmergedPaths(git)).map((path) => join(worktree, path));
  return Math.max(...(await Promise.all([...own, ...files].map(writtenAt))));
}
