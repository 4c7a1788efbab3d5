import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';
import type { Git } from '../process/runner';

/** The mode of a link to a commit of a submodule. */
export const GITLINK = '160000';

export interface Change {
  /** Bytes as latin1: see `GitRun.bytes`. */
  path: string;
  status: string;
  oldMode: string;
  newMode: string;
  oldObject: string;
  newObject: string;
}

/** What differs between two commits, file by file, without rename detection; `pathspecs`: only there. */
export async function changesBetween(
  git: Git,
  from: string,
  to: string,
  pathspecs: string[] = [],
): Promise<Change[]> {
  const args = [
    'diff-tree',
    '-r',
    '--raw',
    '-z',
    '--no-abbrev',
    '--no-renames',
    '--ignore-submodules=dirty',
    from,
    to,
    '--',
    ...pathspecs,
  ];
  return parseRaw((await git.run(args, { bytes: true })).stdout);
}

/** What differs between a commit and the index; a path with an unresolved conflict has the status `U`. */
export async function stagedChanges(git: Git, from: string): Promise<Change[]> {
  const args = ['diff-index', '--cached', '-r', '--raw', '-z', '--no-abbrev', '--no-renames', from];
  return parseRaw((await git.run(args, { bytes: true })).stdout);
}

/** What differs between the index and the files on disk, perhaps only in its time stamps. */
export async function unstagedChanges(git: Git): Promise<Change[]> {
  const args = ['diff-files', '--raw', '-z', '--no-abbrev', '--ignore-submodules=dirty'];
  return parseRaw((await git.run(args, { bytes: true })).stdout);
}

function parseRaw(output: string): Change[] {
  const fields = output.split('\0');
  const changes: Change[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [oldMode = '', newMode = '', oldObject = '', newObject = '', status = ''] =
      fields[at]!.slice(1).split(' ');
    changes.push({ path: fields[at + 1]!, status, oldMode, newMode, oldObject, newObject });
  }
  return changes;
}

/** A path of a change as the file system wants it, below a folder. */
export function filePath(folder: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]);
}

/** A path of a change for people to read. */
export const readable = (path: string) => Buffer.from(path, 'latin1').toString();

/** The paths of the files that differ between two commits or trees. */
export async function changedFiles(repo: Repository, from: string, to: string): Promise<string[]> {
  return (await changesBetween(gitOf(repo), from, to)).map(({ path }) => readable(path));
}
