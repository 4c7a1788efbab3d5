import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileSignature } from '../process/file-signature';
import type { Git } from '../process/runner';
import { statusOf } from '../content/status';

/** By a worktree's own folder: what its index looked like when this process had last made it. */
const made = new Map<string, string>();

/** The mode of a link to another repository, as it stands in an index. */
const GITLINK = Buffer.from([0, 0, 0xe0, 0]);

/**
 * Git puts a new file in place whenever it writes an index, and whoever writes into one cannot set its change time
 * back. Settings and attributes are part of it, since they say what a file's content is to git.
 */
async function signatureOf({ gitDir, commonDir }: Git): Promise<string | null> {
  const rules = ['config', 'info/attributes'].map((name) => join(commonDir, name));
  const files = [join(gitDir, 'index'), ...rules, join(gitDir, 'config.worktree')];
  const [index, ...others] = await Promise.all(files.map(fileSignature));
  return index ? [index, ...others].join(' ') : null;
}

/** Call it when git has just made the index from nothing, or from one that was trusted. */
export async function trustIndex(git: Git): Promise<void> {
  const signature = await signatureOf(git);
  const content = signature === null ? null : await readFile(join(git.gitDir, 'index')).catch(() => null);
  // What is inside of other repositories no index tells.
  if (signature === null || content === null || content.includes(GITLINK)) made.delete(git.gitDir);
  else made.set(git.gitDir, signature);
}

/**
 * Nobody but this process has written the worktree's index: its time stamps tell which files have changed, no flag
 * hides one that has, and no submodule is in it. False where that is not known, as after a restart.
 */
export async function isIndexTrusted(git: Git): Promise<boolean> {
  const known = made.get(git.gitDir);
  return known !== undefined && known === (await signatureOf(git));
}

/** Runs what rewrites the index. It is trusted afterwards if it was before. */
export async function keepingTrust(git: Git, rewrite: () => Promise<unknown>): Promise<void> {
  const trusted = await isIndexTrusted(git);
  await rewrite();
  if (trusted) await trustIndex(git);
}

/** The commit that the worktree is at, if it is known for certain that it holds nothing else; null otherwise. */
export async function unchangedHead(git: Git): Promise<string | null> {
  if (!(await isIndexTrusted(git))) return null;
  const { head, changed, unread } = await statusOf(git);
  return changed.length === 0 && unread === null ? head : null;
}
