import { writeCommit } from './commit-object';
import { commitOf, isAncestor, treeOf } from './commits';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';

/**
 * Keeps a commit reachable under a ref of ours, and what the ref has kept before. Idempotent.
 * @param message of the commit that holds both, where neither contains the other
 */
export async function keepCommit(
  repo: Repository,
  { ref, commit, message }: { ref: string; commit: string; message: string },
): Promise<void> {
  const earlier = await commitOf(repo, ref);
  if (earlier && (await isAncestor(repo, commit, earlier))) return;
  const alone = !earlier || (await isAncestor(repo, earlier, commit));
  const both = async () =>
    writeCommit(repo, { tree: await treeOf(repo, commit), parents: [commit, earlier!], message });
  await gitOf(repo).run(['update-ref', ref, alone ? commit : await both()]);
}
