import { createHash } from 'node:crypto';
import { chmod, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

const OTHERS_MAY_ENTER = 0o001;

/** Root's state for other accounts: on every Unix, others may enter it, unlike root's home. */
const SYSTEM_STATE = '/var/lib/yokeflow';

/** Whether an account that owns nothing on the way may enter `directory`, which exists. */
export async function isEnterableByOthers(directory: string): Promise<boolean> {
  for (let at = path.resolve(directory); ; at = path.dirname(at)) {
    const { mode } = await stat(at);
    if ((mode & OTHERS_MAY_ENTER) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

/**
 * Where the `postgres` account can reach what belongs to `directory`: there, or, when something
 * above it is closed to others (as /root usually is), in a folder of its own below /var/lib.
 */
export async function reachablePath(directory: string): Promise<string> {
  return (await isEnterableByOthers(directory)) ? directory : pathForOthers(directory);
}

/** Makes a folder with those above it that are missing, for others to enter: root's umask may be against it. */
export async function makeForOthers(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let at = folder; at.startsWith(first); at = path.dirname(at)) await chmod(at, 0o755);
}

/** The folder below /var/lib that stands for `directory`. */
export function pathForOthers(directory: string): string {
  const key = createHash('sha256').update(path.resolve(directory)).digest('hex').slice(0, 12);
  return path.join(SYSTEM_STATE, key);
}
