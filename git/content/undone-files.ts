import { changesBetween, readable } from './diff';
import { blobsOf } from './blobs';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';

/** Files in which a tree is as they were at `from`, although `to`, which follows it, had changed them. */
export async function undoneFiles(
  repo: Repository,
  { from, to, tree }: { from: string; to: string; tree: string },
): Promise<string[]> {
  const made = await blobsOf(repo, tree);
  return (await changesBetween(gitOf(repo), from, to))
    .filter(({ path, oldObject }) => (made.get(path) ?? '0'.repeat(oldObject.length)) === oldObject)
    .map(({ path }) => readable(path));
}
