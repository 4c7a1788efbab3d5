import { readable } from '../content/diff';
import type { Change } from '../content/diff';
import { statesOnDisk } from '../content/path-state';
import type { Git } from '../process/runner';

export interface HiddenEdits {
  files: string[];
  /** The options of `git update-index` that show them again. */
  options: string[];
}

/**
 * Files at paths that a change is about, of which the user has told git not to look at them: `git status` does not
 * show edits there, and yet they keep git from moving the file. In a sparse checkout such files are not there at all.
 */
export async function hiddenEdits(git: Git, changes: Change[]): Promise<HiddenEdits> {
  const { stdout } = await git.run(['ls-files', '-z', '-v']);
  const flagged = new Map<string, string>();
  for (const record of stdout.split('\0')) {
    if (/^[a-zS] /.test(record)) flagged.set(record.slice(2), record[0]!);
  }
  const suspects = changes.filter(({ path }) => flagged.has(readable(path)));
  const edited: string[] = [];
  for (const [path, state] of await statesOnDisk(git, suspects)) {
    if (state !== 'old' && state !== 'missing') edited.push(readable(path));
  }
  const files = edited.sort();
  const flags = files.map((path) => flagged.get(path)!);
  const skipped = flags.some((flag) => flag.toUpperCase() === 'S');
  const assumed = flags.some((flag) => flag !== 'S');
  return {
    files,
    options: [...(skipped ? ['--no-skip-worktree'] : []), ...(assumed ? ['--no-assume-unchanged'] : [])],
  };
}
