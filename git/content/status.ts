import { listed } from '../../domain/listed';
import { shortened } from '../../domain/shortened';
import type { Git } from '../process/runner';

export interface Status {
  /** Paths that differ between HEAD, index and files, untracked ones included, ignored ones not. */
  changed: string[];
  /** Paths with an unresolved merge conflict; they are in `changed`, too. */
  unmerged: string[];
  /** What HEAD is at; null before a first commit. */
  head: string | null;
  /** The branch that is checked out, by its short name; null when none is. */
  branch: string | null;
  /** What git could not look at, in its words: that is in none of these lists. Null: there was nothing. */
  unread: string | null;
}

const FIELDS_BEFORE_PATH: Record<string, number> = { '1': 8, '2': 9, u: 10, '?': 1 };

/** Reads `status --porcelain=v2 --branch -z` (format: git-status(1)). */
function parseStatus(output: string): Status {
  const status: Status = { changed: [], unmerged: [], head: null, branch: null, unread: null };
  const records = output.split('\0');
  for (let index = 0; index < records.length; index++) {
    const record = records[index]!;
    const [, header, value] = /^# branch\.(oid|head) (.+)$/.exec(record) ?? [];
    if (header === 'oid' && value !== '(initial)') status.head = value!;
    if (header === 'head' && value !== '(detached)') status.branch = value!;
    const fields = FIELDS_BEFORE_PATH[record[0] ?? ''];
    if (fields === undefined) continue;
    const path = record.split(' ').slice(fields).join(' ');
    status.changed.push(path);
    if (record[0] === 'u') status.unmerged.push(path);
    if (record[0] === '2') status.changed.push(records[++index]!);
  }
  return status;
}

/** Of a long path, git prints neither the end nor the reason. */
const UNREAD =
  /^(?:warning: (could not (?:open directory|lstat) .+)|(?:error: )?(?!warning: )(.+: (?:Permission denied|File name too long)))$/m;

/** What git says that it could not read, although it may call the whole a success. */
export function unreadIn(stderr: string): string | null {
  const [, warning, error] = UNREAD.exec(stderr) ?? [];
  const text = warning ?? error;
  return text === undefined ? null : shortened(text, 200);
}

/** The same for any checkout that `git` works in. Never looks inside submodules: their settings would run there. */
export async function statusOf(git: Git): Promise<Status> {
  const args = [
    'status',
    '--porcelain=v2',
    '-z',
    '--branch',
    '--no-ahead-behind',
    '--untracked-files=all',
    '--ignore-submodules=dirty',
    '--no-renames',
  ];
  const { stdout, stderr } = await git.run(args);
  return { ...parseStatus(stdout), unread: unreadIn(stderr) };
}

/** A worktree holds changes where none may be. */
export class DirtyWorktree extends Error {
  override readonly name = 'DirtyWorktree';

  constructor(
    readonly worktree: string,
    readonly files: string[],
  ) {
    super(`${worktree} has uncommitted changes (${listed(files, 5)}): commit or remove them`);
  }
}
