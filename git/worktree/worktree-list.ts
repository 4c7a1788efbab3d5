import { join } from 'node:path';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';
import { textOf } from '../repository/text-of';

export interface Worktree {
  path: string;
  /** Short name, or null when HEAD is detached. */
  branch: string | null;
  /** null when the branch has no commit. */
  head: string | null;
  /** The reason of `git worktree lock`, empty if none was given; null when not locked. */
  locked: string | null;
  /** Its folder is gone. */
  prunable: boolean;
  /** The user's own checkout. */
  main: boolean;
}

function parse(record: string, main: boolean): Worktree {
  const fields = new Map(
    record.split('\0').map((line) => {
      const space = line.indexOf(' ');
      return space < 0 ? ([line, ''] as const) : ([line.slice(0, space), line.slice(space + 1)] as const);
    }),
  );
  const head = fields.get('HEAD') ?? null;
  return {
    path: fields.get('worktree') ?? '',
    branch: fields.get('branch')?.replace(/^refs\/heads\//, '') ?? null,
    head: head && /[^0]/.test(head) ? head : null,
    locked: fields.get('locked') ?? null,
    prunable: fields.has('prunable'),
    main,
  };
}

/** What git itself writes into a worktree's `locked` while it makes it. */
export const INITIALIZING = 'initializing';

/** The `locked` of the worktree with this folder inside the repository. */
export async function lockOf(entry: string): Promise<string | null> {
  return (await textOf(join(entry, 'locked')))?.trim() ?? null;
}

/** All checkouts of the repository, the user's own first (none for a bare repository). */
export async function listWorktrees(repo: Repository): Promise<Worktree[]> {
  const { stdout } = await gitOf(repo).run(['worktree', 'list', '--porcelain', '-z']);
  const all = stdout
    .split('\0\0')
    .filter(Boolean)
    .map((record, index) => parse(record, index === 0));
  const [main, ...linked] = all;
  if (!main || repo.bare) return linked;
  // Git guesses the main path from the repository's folder, which is wrong with --separate-git-dir.
  return [{ ...main, path: repo.path }, ...linked];
}
