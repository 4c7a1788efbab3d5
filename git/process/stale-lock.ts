import { rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gitRunsIn } from './git-processes';

/** Git holds the lock of a ref, or of the file with many of them, for the moment in which it writes that. */
const HELD_MS = 60_000;

const TAKEN = /Unable to create '(.+\.lock)': File exists/;

/**
 * Removes the lock on refs that git says is in its way, if whoever held it is gone: killed, or with the machine. Nothing else
 * ever would. False: there is none, or it may still be held.
 */
export async function removeStaleLock(commonDir: string, stderr: string): Promise<boolean> {
  const [, lock = ''] = TAKEN.exec(stderr) ?? [];
  const ofRefs = lock === join(commonDir, 'packed-refs.lock') || lock.startsWith(join(commonDir, 'refs/'));
  if (!ofRefs) return false;
  const found = await stat(lock).catch(() => null);
  if (!found || Date.now() - found.mtimeMs < HELD_MS) return false;
  const checkout = basename(commonDir) === '.git' ? dirname(commonDir) : commonDir;
  if (await gitRunsIn([checkout])) return false;
  await rm(lock, { force: true });
  return true;
}
