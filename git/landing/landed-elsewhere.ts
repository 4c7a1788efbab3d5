import { writeCommit } from '../content/commit-object';
import { isAncestor, treeOf } from '../content/commits';
import { GitError } from '../process/runner';
import { moveRef } from '../refs/refs';
import type { Repository } from '../repository/repository';
import { bringUpToDate, integrationRef, withBase } from './integration';

/**
 * Puts on record that a commit of the base branch brought an epic's head, which it does not contain: somebody else
 * squashed or rebased it. The private history then contains both, as after a squash of our own. Idempotent. Call it under
 * the repository's lock.
 */
export async function landedElsewhere(
  repo: Repository,
  { baseBranch, head, by, date }: { baseBranch: string; head: string; by: string; date: string },
): Promise<void> {
  const tip = await bringUpToDate(repo, baseBranch);
  if (await isAncestor(repo, head, tip)) return;
  const message = withBase('Record an epic that others landed', by);
  const parents = [...new Set([tip, head, by])];
  const entry = await writeCommit(repo, { tree: await treeOf(repo, by), parents, message, date });
  const ref = integrationRef(baseBranch);
  if (!(await moveRef(repo, ref, entry, tip)))
    throw new GitError(['update-ref', ref], 1, 'the integration ref moved meanwhile');
  // On top of it the files as they are now: the base branch may have gone on since.
  await bringUpToDate(repo, baseBranch);
}
