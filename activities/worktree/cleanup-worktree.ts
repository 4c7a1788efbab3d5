import { noteFor } from '../../db/session/session-notes';
import { setWorktreeStatus } from '../../db/worktree/worktree-status';
import { provenTips } from '../../git/landing/landing';
import type { Repository } from '../../git/repository/repository';
import {
  deleteRemoved,
  takeOut,
  whyNotRemovable,
  type RemovalRequest,
} from '../../git/worktree/worktree-removal';
import type { LaneInput } from '../scope/contract';
import type { ActivityDependencies } from '../scope/dependencies';
import { withLease } from '../scope/lease';
import { openPlace } from '../scope/place';
import { runProjectCleanup } from './project-cleanup';
import { underRepositoryLock } from '../scope/under-repository-lock';

/** Removes a landed worktree and its branch. Git decides whether it may go: dirty or unmerged ones stay. */
export async function cleanupWorktree(deps: ActivityDependencies, input: LaneInput): Promise<void> {
  const place = await openPlace(deps.db, input, { reopen: false });
  const { project, worktree, branch } = place;
  const holder = `clean-up of session ${input.sessionId}`;
  await withLease(deps.db, { worktreeId: worktree.id, holder }, async (lease) => {
    const locked = <T>(work: (repository: Repository, request: RemovalRequest) => Promise<T>) =>
      underRepositoryLock(deps.db, place, async ({ repository }) => {
        const base = await provenTips(repository, { baseBranch: project.baseBranch });
        return work(repository, { path: worktree.path, branch, base });
      });
    // `takeOut` looks itself: only the project's own command must not run for one that stays.
    const mayGo = !project.cleanup || (await locked(whyNotRemovable)) === null;
    const removed = mayGo && (await runProjectCleanup(deps, place, lease)) && (await locked(takeOut)).removed;
    const left = await deleteRemoved(worktree.path);
    if (left) await noteFor(deps.db, { sessionId: input.sessionId, note: left });
    if (removed) await setWorktreeStatus(deps.db, { worktreeId: worktree.id, status: 'removed' });
    await lease.release();
  });
}
