import { fileNames } from '../../domain/file-names';
import { unfilteredFiles, type Unfiltered } from '../../git/content/required-filters';
import { includedInTree } from '../../git/worktree/worktree-include';
import type { Place } from '../scope/place';

/**
 * Why what an agent made must not become a commit, whatever else it is worth: it would put into history what has no place
 * there. Null when it may.
 * @param parents what the commit is to be made on: files that are as in one of them are not its doing
 */
export async function unfitTree(
  { repository, worktree }: Pick<Place, 'repository' | 'worktree'>,
  { parents, tree }: { parents: string[]; tree: string },
): Promise<string | null> {
  const { path } = worktree;
  const inTree = (one: string) => includedInTree(repository, { worktree: path, tree: one });
  const before = new Set((await Promise.all(parents.map(inTree))).flat());
  const brought = (await inTree(tree)).filter((file) => !before.has(file));
  if (brought.length > 0) return leakText(brought);
  const [raw = [], ...others] = await Promise.all(
    parents.map((base) => unfilteredFiles(repository, { worktree: path, base, tree })),
  );
  const own = raw.filter((file) => others.every((files) => files.some((other) => other.path === file.path)));
  return own.length > 0 ? unfilteredText(own) : null;
}

/** What is not committed inside of submodules would be in no commit. */
export const insideText = (files: string[]): string =>
  `${fileNames(files, 5)} in a submodule would be lost: commit in the submodule what is to stay, and remove the rest`;

const leakText = (files: string[]): string =>
  `${fileNames(files, 5)} would become part of the commit, but came from your checkout by .worktreeinclude: ` +
  'it must stay ignored by git';

const unfilteredText = (files: Unfiltered[]): string =>
  `${fileNames(
    files.map(({ path }) => path),
    5,
  )} would become part of the commit as it is, without the filter ${files[0]!.filter} that git requires there ` +
  'and that does not run in worktrees: leave such files alone, or exclude them from it in .gitattributes';
