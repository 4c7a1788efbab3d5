import { changesBetween, GITLINK, readable } from './diff';
import { blobsOf } from './blobs';
import type { Merge } from './dropped';
import { MARKED, mergeTrees } from './merge-tree';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';

/** The contents of blobs, bytes as latin1 (format: git-cat-file(1), "BATCH OUTPUT"). */
async function contentsOf(repo: Repository, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const input = ids.map((id) => `${id}\n`).join('');
  const { stdout } = await gitOf(repo).run(['cat-file', '--batch'], { input, bytes: true });
  const contents = new Map<string, string>();
  for (let at = 0; at < stdout.length;) {
    const end = stdout.indexOf('\n', at);
    const [id = '', , size] = stdout.slice(at, end).split(' ');
    contents.set(id, stdout.slice(end + 1, end + 1 + Number(size)));
    at = end + 1 + Number(size) + 1;
  }
  return contents;
}

/** Without the white space around them: a line that was only indented is still there. */
const linesOf = (content: string | undefined): string[] =>
  content === undefined || content.includes('\0') ? [] : content.split('\n').map((line) => line.trim());

/** What git settled by itself: not what is between conflict markers, which carry the sides' ids. */
function outsideConflicts(lines: string[], { ours, theirs }: Merge): string[] {
  let inside = false;
  return lines.filter((line) => {
    const marker = /^([<>])\1{6,} ([0-9a-f]+)/.exec(line);
    if (marker?.[1] === '<' && marker[2] === ours) inside = true;
    const keep = !inside;
    if (marker?.[1] === '>' && marker[2] === theirs) inside = false;
    return keep;
  });
}

interface Dropped {
  path: string;
  lines: string[];
  /** One side had deleted the file, and it is there again. */
  deletion?: true;
}

/**
 * Lines that one of the sides had added, that git had merged without a conflict, and that are nowhere in what somebody
 * made of the merge; and files that one side had deleted, of which the same is true.
 */
export async function droppedLines(repo: Repository, merge: Merge): Promise<Dropped[]> {
  const { ours, theirs, result } = merge;
  const git = gitOf(repo);
  const merged = await mergeTrees(repo, { ours, theirs });
  const decided = (merged.kind === 'conflict' ? merged.files : [])
    .filter(({ kind }) => !MARKED.includes(kind))
    .map(({ path }) => path);
  const changes = (await changesBetween(git, merged.tree, result)).filter(
    ({ oldMode, newMode }) => oldMode !== GITLINK && newMode !== GITLINK,
  );
  const before = await blobsOf(repo, await git.line(['merge-base', ours, theirs]));
  const ids = changes.flatMap(({ path, oldObject, newObject }) => [oldObject, newObject, before.get(path)]);
  const contents = await contentsOf(
    repo,
    [...new Set(ids)].filter((id) => id !== undefined && !/^0+$/.test(id)) as string[],
  );
  // What is in another file now is not lost.
  const left = new Set(changes.flatMap(({ newObject }) => linesOf(contents.get(newObject))));
  return changes
    .filter(({ path }) => !decided.includes(readable(path)))
    .map(({ path, status, oldObject }): Dropped => {
      if (status === 'A' && before.has(path)) return { path: readable(path), lines: [], deletion: true };
      const old = new Set(linesOf(contents.get(before.get(path) ?? '')));
      const lines = outsideConflicts(linesOf(contents.get(oldObject)), merge);
      return {
        path: readable(path),
        lines: lines.filter((line) => line !== '' && !old.has(line) && !left.has(line)).map(readable),
      };
    })
    .filter(({ lines, deletion }) => lines.length > 0 || deletion);
}
