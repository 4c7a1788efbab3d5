import { unlanded } from '../content/commits';
import { GITLINK, changesBetween, readable } from '../content/diff';
import type { Repository } from '../repository/repository';
import { gitOf } from '../repository/repository';
import type { Git } from '../process/runner';

/** A submodule that a merge left where the branch had it, although the other side had moved it. */
export interface TakenBack {
  path: string;
  /** Where the other side has it; null when it removed it. */
  moved: string | null;
}

/**
 * What a branch's own merges took back of the moves of submodules that came in with them: merging the branch would undo
 * these, without a conflict. What a later commit of the branch changed is meant.
 * @param head a commit of the branch
 * @param landed what is not looked at
 */
export async function takenBack(repo: Repository, head: string, landed: string[]): Promise<TakenBack[]> {
  const git = gitOf(repo);
  const range = [head, ...landed.map((tip) => `^${tip}`)];
  const merges = await linesOf(git, ['rev-list', '--first-parent', '--min-parents=2', '--parents', ...range]);
  if (!(await moveLinks(git, merges))) return [];
  const found = new Map<string, TakenBack>();
  for (const line of merges) {
    const [merge = '', own = '', ...others] = line.split(' ');
    for (const other of others) {
      for (const one of await takenBackIn(git, { merge, own, other })) {
        if (await changedAfter(git, merge, head, one.path)) continue;
        // `rev-list` goes by dates, and lists merges that have landed where clocks differed.
        if ((await unlanded(repo, [merge], landed)).unlanded.size === 0) continue;
        found.set(one.path, one);
      }
    }
  }
  return [...found.values()];
}

/** Whether any of these merges, as `rev-list --parents` prints them, has a submodule elsewhere than what it merged. */
async function moveLinks(git: Git, merges: string[]): Promise<boolean> {
  const pairs = merges.flatMap((line) => {
    const [merge = '', , ...others] = line.split(' ');
    return others.map((other) => `${merge} ${other}\n`);
  });
  if (pairs.length === 0) return false;
  const args = ['diff-tree', '--stdin', '-r', '--raw', '--no-renames', '--ignore-submodules=dirty'];
  const { stdout } = await git.run(args, { input: pairs.join(''), bytes: true });
  return new RegExp(`^:(${GITLINK} |\\d+ ${GITLINK} )`, 'm').test(stdout);
}

async function takenBackIn(
  git: Git,
  { merge, own, other }: { merge: string; own: string; other: string },
): Promise<TakenBack[]> {
  const differs = (await changesBetween(git, other, merge)).filter(
    ({ oldMode, newMode }) => oldMode === GITLINK || newMode === GITLINK,
  );
  if (differs.length === 0) return [];
  const bases = await linesOf(git, ['merge-base', '--all', own, other]);
  const found: TakenBack[] = [];
  for (const { path: bytes, oldMode, oldObject } of differs) {
    const path = readable(bytes);
    const moved = oldMode === GITLINK ? oldObject : null;
    const left = await linkAt(git, merge, path);
    const before = await Promise.all([own, ...bases].map((commit) => linkAt(git, commit, path)));
    if (left !== moved && before.every((link) => link === left)) found.push({ path, moved });
  }
  return found;
}

async function changedAfter(git: Git, merge: string, head: string, path: string): Promise<boolean> {
  const args = ['rev-list', '--first-parent', '--max-count=1', head, `^${merge}`, '--', `:(literal)${path}`];
  return (await linesOf(git, args)).length > 0;
}

async function linkAt(git: Git, commit: string, path: string): Promise<string | null> {
  const { stdout } = await git.run(['ls-tree', '-z', commit, '--', path]);
  const [mode, , object] = stdout.split('\t')[0]!.split(' ');
  return mode === GITLINK ? object! : null;
}

async function linesOf(git: Git, args: string[]): Promise<string[]> {
  return (await git.run(args)).stdout.split('\n').filter(Boolean);
}
