import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { temporaryName } from '../../domain/temporary-name';
import { changesBetween, filePath, type Change } from './diff';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';

/** A file with attributes: its path as in `Change`, and its blob. */
type AttributeFile = [path: string, blob: string];

/** Git follows no link in its place, and checks nothing out above the top. */
const isReadable = ({ path, newMode }: Change) =>
  newMode.startsWith('100') && !path.split('/').includes('..');

/** What git knows without having it, by the length of its names: SHA-1, SHA-256. */
const EMPTY_TREES: Record<number, string> = {
  40: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  64: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
};

/** By a diff with nothing: it names only what is asked for, where `ls-tree` lists all files of the commit. */
async function listAttributes(repo: Repository, commit: string): Promise<AttributeFile[]> {
  const nothing = EMPTY_TREES[commit.length]!;
  const files = await changesBetween(gitOf(repo), nothing, commit, [':(glob)**/.gitattributes']);
  return files.filter(isReadable).map(({ path, newObject }) => [path, newObject]);
}

const known = new Map<string, Promise<AttributeFile[]>>();
const MOST_KNOWN = 100;

/** Where a commit has attributes. Git looks at all its folders, so it pays to ask before the answer is needed. */
export function attributeFiles(repo: Repository, commit: string): Promise<AttributeFile[]> {
  const key = `${repo.gitDir}\0${commit}`;
  let files = known.get(key);
  if (files) return files;
  // Whoever asked first may be cancelled, while others wait for the answer.
  files = listAttributes({ ...repo, signal: undefined }, commit);
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
