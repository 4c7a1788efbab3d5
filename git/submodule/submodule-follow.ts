import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { changesBetween, GITLINK, readable, stagedChanges, type Change } from '../content/diff';
import type { Repository } from '../repository/repository';
import { resolveName } from '../refs/resolver';
import type { Git } from '../process/runner';
import { exists } from '../repository/exists';
import { checkOutSubmodule } from './submodule-checkout';
import { submodulesOf } from './submodule-store';
import { isUntouched } from './submodules';

/**
 * Moves the submodules of a worktree to the commits that a merge has put into its index. Git leaves them where they
 * are, and the next `git add --all` would take that for a change, and take the other side's move back. Only what
 * stands untouched where `from` has it moves, and nothing whose conflict is not resolved. Idempotent.
 * @param from the commit that the worktree stood on
 */
export async function followLinks(repo: Repository, git: Git, from: string): Promise<void> {
  if (!(await hasSubmodules(repo, git, from))) return;
  const moved = (await stagedChanges(git, from)).filter(isMovedLink);
  if (moved.length === 0) return;
  const submodules = new Map((await submodulesOf(git, repo.gitDir)).map((one) => [one.path, one]));
  for (const { path: bytes, oldMode, oldObject, newMode } of moved) {
    const path = readable(bytes);
    const free =
      oldMode === GITLINK
        ? await isUntouched(git, path, oldObject)
        : await isEmpty(join(git.workTree!, path));
    if (!free) continue;
    const submodule = submodules.get(path);
    if (newMode !== GITLINK) await rm(join(git.workTree!, path), { recursive: true, force: true });
    else if (submodule) await checkOutSubmodule(git, submodule);
  }
}

/**
 * Empties submodules in whose place a merge has files: git would stop at theirs as if they were in the way. Only what stands
 * untouched where `from` has it.
 */
export async function makeRoom(
  repo: Repository,
  git: Git,
  { from, to }: { from: string; to: string },
): Promise<void> {
  if (!(await hasSubmodules(repo, git, from))) return;
  for (const { path: bytes, oldObject } of replacedLinks(await changesBetween(git, from, to))) {
    const path = readable(bytes);
    if (!(await isUntouched(git, path, oldObject))) continue;
    const folder = join(git.workTree!, path);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
  }
}

const replacedLinks = (changes: Change[]): Change[] =>
  changes.filter(
    ({ path, oldMode, status }) =>
      oldMode === GITLINK && (status === 'T' || changes.some((other) => other.path.startsWith(`${path}/`))),
  );

/** Submodules that stand where a change has files, for people to read. */
export async function submodulesInTheWay(git: Git, changes: Change[]): Promise<string[]> {
  const paths = replacedLinks(changes).map(({ path }) => readable(path));
  const empty = await Promise.all(paths.map((path) => isEmpty(join(git.workTree!, path))));
  return paths.filter((_, at) => !empty[at]);
}

/** Now, or at `from`. */
const hasSubmodules = async (repo: Repository, git: Git, from: string): Promise<boolean> =>
  (await exists(join(git.workTree!, '.gitmodules'))) ||
  (await resolveName(repo, `${from}:.gitmodules`)) !== null;

/** One that gave way to files of its own is left to whoever looks at the merge. */
const isMovedLink = ({ status, oldMode, newMode }: Change): boolean =>
  status !== 'U' && (newMode === GITLINK || (oldMode === GITLINK && status === 'D'));

async function isEmpty(folder: string): Promise<boolean> {
  return (await readdir(folder).catch(() => [])).length === 0;
}
