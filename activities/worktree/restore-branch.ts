import { withRepositoryLock } from '../../db/landing/repository-lock';
import { noteFor } from '../../db/session/session-notes';
import { epicCommits } from '../../db/task/task-commits';
import { unlanded } from '../../git/content/commits';
import { landedTips, startPoint } from '../../git/landing/landing';
import { commitOf } from '../../git/content/commits';
import { syncDependencies } from '../../git/worktree/sync';
import { ensureWorktree } from '../../git/worktree/worktrees';
import type { ActivityDependencies } from '../scope/dependencies';
import type { Place } from '../scope/place';

/**
 * Brings back to an epic's branch what is complete but no longer on it, from the commits that were pinned: somebody
 * deleted or moved the branch by hand.
 */
export async function restoreBranch(deps: ActivityDependencies, place: Place): Promise<void> {
  const { repository, project, options, epic, branch, worktree } = place;
  if (epic === null) return;
  const commits = await epicCommits(deps.db, { projectId: project.id, epic });
  const head = await commitOf(repository, `refs/heads/${branch}`);
  const tips = [...(await landedTips(repository, project)), ...(head ? [head] : [])];
  const outside = (
    await unlanded(
      repository,
      commits.map(({ commit }) => commit),
      tips,
    )
  ).unlanded;
  const lost = commits.filter(({ commit }) => outside.has(commit));
  if (!lost.length) return;
  const names = lost
    .slice(0, 10)
    .map(({ task }) => `T${task}`)
    .join(', ');
  await noteFor(deps.db, {
    sessionId: place.session.id,
    note: `${branch} had lost ${names}: brought back from the commits that are pinned`,
  });
  await withRepositoryLock(deps.db, project.gitDir, async () => {
    const start = await startPoint(repository, {
      baseBranch: project.baseBranch,
      strategy: options.mergeStrategy,
    });
    await ensureWorktree(repository, { path: worktree.path, branch, start });
  });
  await syncDependencies(repository, { worktree: worktree.path, branch, dependencies: lost });
}
