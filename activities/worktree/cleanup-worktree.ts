import { withRepositoryLock } from '../../db/landing/repository-lock';
import { setWorktreeStatus } from '../../db/worktree/worktree-status';
import { provenTips } from '../../git/landing/landing';
import { deleteRemoved, takeOut, whyNotRemovable } from '../../git/worktree/worktree-removal';
import type { LaneInput } from '../scope/contract';
import type { ActivityDependencies } from '../scope/dependencies';
import { withLease } from '../scope/lease';
import { openPlace } from '../scope/place';
import { runProjectCleanup } from './project-cleanup';

/** Removes a landed worktree and its branch. Git decides whether it may go: dirty or unmerged ones stay. */
export async function cleanupWorktree(deps: ActivityDependencies, input: LaneInput): Promise<void> {
  const place = await openPlace(deps.db, input, { reopen: false });
  const { repository, project, worktree, branch } = place;
  const holder = `clean-up of session ${input.sessionId}`;
  await withLease(deps.db, { worktreeId: worktree.id, holder }, async (lease) => {
    const request = async () => ({
      path: worktree.path,
      branch,
      base: await provenTips(repository, { baseBranch: project.baseBranch }),
    });
    const locked = <T>(work: () => Promise<T>) => withRepositoryLock(deps.db, project.gitDir, work);
    // `takeOut` looks itself: only the project's own command must not run for one that stays.
    const mayGo =
      !project.cleanup || (await locked(async () => whyNotRemovable(repository, await request()))) === null;
    const removed =
      mayGo &&
      (await runProjectCleanup(deps, place, lease)) &&
      (await locked(async () => takeOut(repository, await request()))).removed;
    await deleteRemoved(worktree.path);
    if (removed) await setWorktreeStatus(deps.db, { worktreeId: worktree.id, status: 'removed' });
    await lease.release();
  });
}
