import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { temporaryName } from '../../domain/temporary-name';
import { filePath } from './diff';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';

/** A file with attributes: its path as in `Change`, and its blob. */
type AttributeFile = [path: string, blob: string];

/** Of a row of `ls-tree`. Git follows no link in its place, and checks nothing out above the top. */
function attributeFile(row: string): AttributeFile[] {
  const [, blob, path] = /^100\d+ blob (\S+)\t((?:.*\/)?\.gitattributes)$/s.exec(row) ?? [];
  return blob && path && !path.split('/').includes('..') ? [[path, blob]] : [];
}

const known = new Map<string, Promise<AttributeFile[]>>();
const MOST_KNOWN = 100;

/** Where a commit has attributes. It lists all its files, so it pays to ask before the answer is needed. */
export function attributeFiles(repo: Repository, commit: string): Promise<AttributeFile[]> {
  const key = `${repo.gitDir}\0${commit}`;
  let files = known.get(key);
  if (files) return files;
  // Whoever asked first may be cancelled, while others wait for the answer.
  files = gitOf({ ...repo, signal: undefined })
    .run(['ls-tree', '-r', '-z', commit], { bytes: true })
    .then(({ stdout }) => stdout.split('\0').flatMap(attributeFile));
  // Whoever awaits it hears of a failure, and the next one asks again.
  files.catch(() => known.delete(key));
  known.set(key, files);
  if (known.size > MOST_KNOWN) known.delete(known.keys().next().value!);
  return files;
}

/**
 * Calls `work` with a temporary folder that holds nothing but the `.gitattributes` files of a commit. A merge reads
 * attributes from files on disk: this way neither the user's uncommitted ones nor a missing checkout change it.
 */
export async function withAttributesOf<T>(
  repo: Repository,
  commit: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), temporaryName('merge', process.pid)));
  try {
    for (const [path, blob] of await attributeFiles(repo, commit)) {
      const { stdout } = await gitOf(repo).run(['cat-file', 'blob', blob], { bytes: true });
      await mkdir(filePath(folder, dirname(path)), { recursive: true });
      await writeFile(filePath(folder, path), stdout, 'latin1');
    }
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
