import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { requireCommit } from '../content/commits';
import type { Repository } from '../repository/repository';
import { gitOf } from '../repository/repository';

/** Of the commit that was asked for last, as many epics begin at the same one: git looks at each file's size. */
let last: { key: string; bytes: number } | undefined;

/** What the files of a commit take on disk, in bytes, without what LFS and submodules add. */
async function checkoutBytes(repo: Repository, commit: string): Promise<number> {
  const key = `${repo.gitDir} ${await requireCommit(repo, commit)}`;
  if (last?.key === key) return last.bytes;
  const { stdout } = await gitOf(repo).run(['ls-tree', '-r', '--format=%(objectsize)', commit]);
  const bytes = stdout.split('\n').reduce((sum, size) => sum + (Number(size) || 0), 0);
  last = { key, bytes };
  return bytes;
}

/** Checkouts of this process that are being written, in bytes, by path. */
const claims = new Map<string, number>();

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
 * Whether a checkout of a commit fits where it is to be, beside those that are being written and with a reserve for
 * what set-up and agents write. Null: it does, and the room is taken until `releaseSpace`.
 */
export async function claimSpace(
  repo: Repository,
  { path, commit, reserve }: { path: string; commit: string; reserve: number },
): Promise<FreeSpace | null> {
  const { bavail, bsize } = await statfs(await existing(path));
  const own = await checkoutBytes(repo, commit);
  claims.delete(path);
  const others = [...claims.values()].reduce((sum, bytes) => sum + bytes, 0);
  const free = bavail * bsize - others;
  const needed = reserve + own;
  if (free < needed) return { free, needed };
  claims.set(path, own);
  return null;
}

/** The checkout at this path is there, or will not be. */
export function releaseSpace(path: string): void {
  claims.delete(path);
}
