import type { Conflict } from '../../domain/model';
import { commandOf } from '../../domain/session/shell-command';
import { plural } from '../../domain/plural';
import type { UnmergedFile } from '../../git/worktree/unmerged';

const MOST_FILES = 10;

/**
 * What to type about the conflicts that no editor resolves, and whether there are others. Each line works as it is: what
 * else may be wanted is a comment.
 */
export function conflictAdvice(
  unmerged: readonly UnmergedFile[],
  conflict: Conflict | null,
): { edit: boolean; commands: string[] } {
  const kinds = new Map(conflict?.files.map(({ path, kind }) => [path, kind]));
  const perFile = unmerged.map(
    (file) => asideCommands(file, kinds) ?? commandsFor(file, kinds.get(file.path) ?? ''),
  );
  const decided = perFile.filter((commands) => commands !== null);
  const more = decided.length - MOST_FILES;
  const commands = decided.slice(0, MOST_FILES).flat();
  if (more > 0) commands.push(`git status    # and ${plural(more, 'file')} more like these`);
  return { edit: decided.length < perFile.length, commands };
}

/** A file where the other side has a folder: git has put it aside, as `PATH~COMMIT`. Null for any other. */
function asideCommands({ path }: UnmergedFile, kinds: ReadonlyMap<string, string>): string[] | null {
  const wanted = /^(.*)~[^~/]*$/s.exec(path)?.[1];
  if (wanted === undefined || kinds.get(wanted) !== 'file/directory') return null;
  const kept = `${wanted}.file`;
  const keep = [commandOf(['mv', '--', path, kept]), commandOf(['git', 'add', '--all', '--', kept, path])];
  return [`${keep.join(' && ')}    # or another name; or drop it: ${commandOf(['git', 'rm', '--', path])}`];
}

/** Null: somebody has to edit it. */
function commandsFor({ path, ours, theirs, populated }: UnmergedFile, kind: string): string[] | null {
  const add = commandOf(['git', 'add', '--', path]);
  if (ours?.link && theirs?.link) return [...linkCommands(path, ours.object, theirs.object, populated)];
  if (ours?.link || theirs?.link) return [];
  if (ours && theirs)
    return kind === 'binary' || (ours.symlink && theirs.symlink) ? wholeCommands(path, add) : null;
  // Where both sides cannot be at one path, git has put one of them aside: it needs a name.
  if (kind === 'file/directory' || kind === 'distinct modes' || kind === '') return null;
  if (!ours && !theirs) return [];
  return [`${add}    # keeps it; or remove it: ${commandOf(['git', 'rm', '--', path])}`];
}

/** In one that is not checked out, `git -C` would be at work on the repository around it. */
function linkCommands(path: string, ours: string, theirs: string, populated: boolean): string[] {
  if (!populated) {
    const link = commandOf(['git', 'update-index', '--cacheinfo', `160000,${ours},${path}`]);
    return [`${link}    # this epic's; the other side's: ${theirs}`];
  }
  const checkout = commandOf(['git', '-C', path, 'checkout', ours]);
  return [`${checkout}    # this epic's; the other side's: ${theirs}`, commandOf(['git', 'add', '--', path])];
}

/** Of what cannot be edited, one side's is taken. */
function wholeCommands(path: string, add: string): string[] {
  return [
    `${commandOf(['git', 'checkout', '--ours', '--', path])}    # this epic's; the other side's: --theirs`,
    add,
  ];
}
