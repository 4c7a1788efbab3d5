import { rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { WORKTREES_DIRECTORY } from '../../domain/names';
import { gitRunsIn } from './git-processes';

/** Git holds the lock of a ref, or of the file with many of them, for the moment in which it writes that. */
const HELD_MS = 60_000;

/** The lock that git says is in its way; null when it says something else. */
export const takenLock = (stderr: string): string | null =>
  /Unable to create '(.+\.lock)': File exists/.exec(stderr)?.[1] ?? null;

/** One on a ref, HEADs among them, or on the file with many of them. */
function isOfRefs(commonDir: string, lock: string): boolean {
  const path = relative(commonDir, lock);
  if (path.startsWith('..')) return false;
  return path.startsWith('refs/') || ['packed-refs.lock', 'HEAD.lock'].includes(basename(path));
}

interface Place {
  gitDir: string;
  commonDir: string;
  workTree: string | undefined;
}

/** The index of a worktree of ours: a person's own checkout is theirs to unlock. */
function isOfOurIndex({ gitDir, commonDir, workTree }: Place, lock: string): boolean {
  if (gitDir === commonDir || !workTree) return false;
  return lock === join(gitDir, 'index.lock') && basename(dirname(workTree)) === WORKTREES_DIRECTORY;
}

/**
 * Removes the lock that git says is in its way, on refs or on the index of a worktree of ours, if whoever held it is gone:
 * killed, or with the machine. Nothing else ever would. False: there is none, or it may still be held.
 */
export async function removeStaleLock(place: Place, stderr: string): Promise<boolean> {
  const { commonDir, workTree } = place;
  const lock = takenLock(stderr);
  if (lock === null || !(isOfRefs(commonDir, lock) || isOfOurIndex(place, lock))) return false;
  const found = await stat(lock).catch(() => null);
  if (!found || Date.now() - found.mtimeMs < HELD_MS) return false;
  const checkout = basename(commonDir) === '.git' ? dirname(commonDir) : commonDir;
  if (await gitRunsIn([checkout, ...(workTree ? [workTree] : [])])) return false;
  await rm(lock, { force: true });
  return true;
}
