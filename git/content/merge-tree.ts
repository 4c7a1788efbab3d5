import type { ConflictFile } from '../../domain/model';
import { withAttributesOf } from './attributes';
import type { Repository } from '../repository/repository';
import type { Setting } from '../process/environment';
import { createGit, GitError } from '../process/runner';
import type { Git } from '../process/runner';

export type MergeResult =
  | { kind: 'clean'; tree: string }
  /** The tree holds the conflicting files with markers in them. */
  | { kind: 'conflict'; tree: string; files: ConflictFile[] };

/** What `merge-tree --write-tree -z` says of a merge that conflicts (format: git-merge-tree(1)). */
export interface MergeAnswer {
  tree: string;
  /** One for each side of a conflicted path, as `ls-files --unmerged` prints them. */
  unresolved: string[];
  messages: { paths: string[]; type: string }[];
}

export function parseMerge(output: string): MergeAnswer {
  const fields = output.split('\0');
  const end = fields.indexOf('', 1);
  const answer: MergeAnswer = { tree: fields[0] ?? '', unresolved: fields.slice(1, end), messages: [] };
  for (let at = end + 1; at < fields.length - 1;) {
    const count = Number(fields[at]);
    answer.messages.push({
      paths: fields.slice(at + 1, at + 1 + count),
      type: fields[at + 1 + count] ?? '',
    });
    at += count + 3;
  }
  return answer;
}

/** The conflicted paths, each with the stages it has: 1 the common ancestor's side, 2 ours, 3 theirs. */
function conflictedPaths(unresolved: string[]): Map<string, Set<string>> {
  const paths = new Map<string, Set<string>>();
  for (const entry of unresolved) {
    const tab = entry.indexOf('\t');
    const path = entry.slice(tab + 1);
    paths.set(path, (paths.get(path) ?? new Set()).add(entry.slice(tab - 1, tab)));
  }
  return paths;
}

interface Sides {
  ours: string;
  theirs: string;
}

/**
 * Where both sides cannot be at one path, git moves one of them to `<path>~<side>`. In the worktree that has another
 * name, since the sides are called otherwise there: the path itself is what tells people what it is about.
 */
const ownPath = (path: string, { ours, theirs }: Sides) =>
  path.replace(new RegExp(`~(${ours}|${theirs})(_\\d+)?$`), '');

function conflictedFiles({ unresolved, messages }: MergeAnswer, sides: Sides): ConflictFile[] {
  const stages = conflictedPaths(unresolved);
  const kinds = new Map([...stages.keys()].map((path) => [path, '']));
  for (const { paths, type } of messages) {
    // Messages differ between versions and some do not start with CONFLICT; the type is fixed.
    const kind = /^CONFLICT \((.+)\)$/.exec(type)?.[1];
    if (!kind) continue;
    const conflicted = paths.filter((path) => kinds.has(path));
    for (const path of conflicted.length > 0 ? conflicted : paths.slice(0, 1)) {
      // Git counts a file that both sides added as `contents`.
      const added = kind === 'contents' && stages.has(path) && !stages.get(path)!.has('1');
      if (!kinds.get(path)) kinds.set(path, added ? 'add/add' : kind);
    }
  }
  const files = new Map([...kinds].map(([path, kind]) => [ownPath(path, sides), kind || 'contents']));
  return [...files].map(([path, kind]) => ({ path, kind }));
}

/** Conflicts that git shows with markers; of any other kind the whole file is what has to be decided. */
export const MARKED = ['contents', 'content', 'add/add'];

/** Of files whose line ends git has changed in both sides, since attributes came after them, each line would conflict. */
const RENORMALIZED: Setting[] = [['merge.renormalize', 'true']];

/**
 * Merges two commits without touching a ref, an index or a file. Attributes are those of `ours`.
 * @param sides full commit ids that exist: git answers a bad name as if it were a conflict
 * @throws GitError when the two have no common history
 */
export async function mergeTrees(repo: Repository, sides: Sides): Promise<MergeResult> {
  return withAttributesOf(repo, sides.ours, async (folder) => {
    const { gitDir, identity, signal } = repo;
    const git = createGit({ gitDir, workTree: folder, identity, signal });
    const merged = await mergeIn(git, sides);
    if (merged.kind === 'clean' || !merged.files.some(({ kind }) => MARKED.includes(kind))) return merged;
    const again = await mergeIn(git, sides, RENORMALIZED);
    return again.kind === 'clean' ? again : merged;
  });
}

async function mergeIn(git: Git, sides: Sides, settings: Setting[] = []): Promise<MergeResult> {
  const args = ['merge-tree', '--write-tree', '-z', sides.ours, sides.theirs];
  const output = await git.run(args, { accept: [0, 1], settings });
  const tree = output.stdout.split('\0')[0]!.trim();
  if (!/^[0-9a-f]{40,}$/.test(tree)) throw new GitError(args, output.exitCode, output.stderr);
  if (output.exitCode === 0) return { kind: 'clean', tree };
  return { kind: 'conflict', tree, files: conflictedFiles(parseMerge(output.stdout), sides) };
}
