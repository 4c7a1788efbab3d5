import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const MOST_BYTES = 256 * 1024 * 1024;

/** Not searched at all. */
const LEFT_OUT = new Set(['.git', 'node_modules']);

/**
 * A file at or below a path of which nobody should read whole lines: one that is longer than a string can be (512 MB) ends
 * this process. Null where there is none.
 */
export async function hugeFile(path: string): Promise<string | null> {
  const found = await lstat(path).catch(() => null);
  if (found?.isFile()) return found.size > MOST_BYTES ? path : null;
  if (!found?.isDirectory()) return null;
  for (const name of await readdir(path).catch(() => [])) {
    const huge = LEFT_OUT.has(name) ? null : await hugeFile(join(path, name));
    if (huge) return huge;
  }
  return null;
}
