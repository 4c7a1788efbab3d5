import { blobsOf } from './blobs';
import { changesBetween, readable } from './diff';
import { mergeTrees } from './merge-tree';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';

export interface Merge {
  ours: string;
  theirs: string;
  /** The tree that somebody made of it. */
  result: string;
}

/** Files in which a merge dropped the whole of what one side had done, by that side. */
export interface DroppedFiles {
  ours: string[];
  theirs: string[];
}

/**
 * Files in which a merge kept one side's version whole, although the other had changed it and git would not have. What is
 * at another path now is not lost. Our own work may give way where it conflicted, and only there.
 */
export async function droppedFiles(repo: Repository, { ours, theirs, result }: Merge): Promise<DroppedFiles> {
  const base = await gitOf(repo).line(['merge-base', ours, theirs]);
  const merged = await mergeTrees(repo, { ours, theirs });
  const [auto, made] = [await blobsOf(repo, merged.tree), await blobsOf(repo, result)];
  const kept = new Set(made.values());
  const dropped = async (side: string, other: string) => {
    const blobs = await blobsOf(repo, other);
    return (await changesBetween(gitOf(repo), base, side))
      .filter(({ path, status, newObject }) => {
        if (status === 'D' || kept.has(newObject)) return false;
        return made.get(path) === blobs.get(path) && auto.get(path) !== blobs.get(path);
      })
      .map(({ path }) => readable(path));
  };
  const conflicted = merged.kind === 'conflict' ? merged.files.map(({ path }) => path) : [];
  return {
    ours: (await dropped(ours, theirs)).filter((path) => !conflicted.includes(path)),
    theirs: await dropped(theirs, ours),
  };
}

/** What somebody made of a merge, compared with what git makes of it by itself, markers and all. */
export async function resolutionDiff(repo: Repository, { ours, theirs, result }: Merge): Promise<string> {
  const { tree } = await mergeTrees(repo, { ours, theirs });
  const args = ['diff', '--no-ext-diff', '--no-textconv', '--no-color', tree, result];
  const { stdout } = await gitOf(repo).run(args);
  return stdout;
}
