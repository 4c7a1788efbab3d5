import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, lstat, readlink } from 'node:fs/promises';
import { filePath } from './diff';
import type { Git } from '../process/runner';

/** How `hash-object --stdin-paths` wants a path: names with a line break or quote in C style. */
function quoted(path: string): string {
  if (!/["\n\r\\]/.test(path)) return path;
  return `"${path.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r')}"`;
}

/** The object id of a blob; the length of ids tells the repository's hash (see gitformat-pack(5)). */
function blobId(content: Buffer, idLength: number): string {
  const hash = createHash(idLength === 64 ? 'sha256' : 'sha1');
  return hash.update(`blob ${content.length}\0`).update(content).digest('hex');
}

/** In the place of a blob's id: neither a symbolic link nor a file that may be read. */
export const OTHER = 'other';

const mayRead = (file: Buffer): Promise<boolean> =>
  access(file, constants.R_OK).then(
    () => true,
    () => false,
  );

/**
 * The blob that each path in a checkout would be stored as now, line endings converted as git does. Null: nothing there.
 * @param paths as in `Change`
 * @param conversion of line endings: not with `--no-filters`
 */
export async function blobsOnDisk(
  git: Git,
  paths: string[],
  idLength: number,
  ...conversion: '--no-filters'[]
): Promise<Map<string, string | null>> {
  const blobs = new Map<string, string | null>();
  const files: string[] = [];
  for (const path of paths) {
    const at = filePath(git.workTree!, path);
    const found = await lstat(at).catch(() => null);
    if (!found) blobs.set(path, null);
    else if (found.isSymbolicLink())
      blobs.set(path, blobId(await readlink(at, { encoding: 'buffer' }), idLength));
    else if (found.isFile() && (await mayRead(at))) files.push(path);
    else blobs.set(path, OTHER);
  }
  if (files.length === 0) return blobs;
  const input = Buffer.from(files.map((path) => `${quoted(path)}\n`).join(''), 'latin1');
  const { stdout } = await git.run(['hash-object', ...conversion, '--stdin-paths'], { input });
  stdout
    .split('\n')
    .slice(0, files.length)
    .forEach((id, index) => blobs.set(files[index]!, id));
  return blobs;
}
