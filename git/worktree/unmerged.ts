import { join } from 'node:path';
import { gitIn } from '../repository/checkout';
import { GITLINK } from '../content/diff';
import { exists } from '../repository/exists';
import type { Repository } from '../repository/repository';

export interface Side {
  object: string;
  /** A submodule's commit. */
  link: boolean;
  symlink: boolean;
}

/** A path whose conflict is not resolved, and what each side of the merge has there. */
export interface UnmergedFile {
  path: string;
  /** What the worktree's branch has. */
  ours: Side | null;
  theirs: Side | null;
  /** A repository of its own is checked out there. */
  populated: boolean;
}

export async function unmergedFiles(repo: Repository, worktree: string): Promise<UnmergedFile[]> {
  const git = await gitIn(repo, worktree);
  const files = new Map<string, UnmergedFile>();
  for (const record of (await git.run(['ls-files', '-z', '--unmerged'])).stdout.split('\0').filter(Boolean)) {
    const tab = record.indexOf('\t');
    const [mode, object = '', stage] = record.slice(0, tab).split(' ');
    const path = record.slice(tab + 1);
    const file = files.get(path) ?? { path, ours: null, theirs: null, populated: false };
    const side = { object, link: mode === GITLINK, symlink: mode === '120000' };
    if (stage === '2') file.ours = side;
    if (stage === '3') file.theirs = side;
    file.populated ||= side.link && (await exists(join(worktree, path, '.git')));
    files.set(path, file);
  }
  return [...files.values()];
}
