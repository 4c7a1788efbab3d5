import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Repository } from './repository';
import { gitOf } from './repository';

/** What the files of a commit take on disk, in bytes, without what LFS and submodules add. */
async function checkoutBytes(repo: Repository, commit: string): Promise<number> {
  const { stdout } = await gitOf(repo).run(['ls-tree', '-r', '--format=%(objectsize)', commit]);
  return stdout.split('\n').reduce((sum, size) => sum + (Number(size) || 0), 0);
}

async function existing(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return found || dirname(path) === path ? path : existing(dirname(path));
}

export interface FreeSpace {
  /** Bytes. */
  free: number;
  needed: number;
}

/**
 * Whether a checkout of a commit fits where it is to be, with a reserve for what set-up and agents write. Null: it does.
 */
export async function missingSpace(
  repo: Repository,
  { path, commit, reserve }: { path: string; commit: string; reserve: number },
): Promise<FreeSpace | null> {
  const { bavail, bsize } = await statfs(await existing(path));
  const free = bavail * bsize;
  const needed = reserve + (await checkoutBytes(repo, commit));
  return free < needed ? { free, needed } : null;
}
