import type { Database } from '../../db/connection/connection';
import { noteFor } from '../../db/session/session-notes';
import { endUndone } from '../../db/task/attempt-end';
import { assertLease } from '../../db/worktree/leases';
import { commitOf } from '../../git/content/commits';
import { gitIn } from '../../git/repository/checkout';
import { headOf } from '../../git/submodule/submodule-store';
import { branchRef } from '../../git/refs/refs';
import { keepCommit } from '../../git/content/keep';
import { unpinTask } from '../../git/refs/pins';
import { resetWorktree } from '../../git/worktree/reset';
import { setAsideWorktree } from '../../git/worktree/set-aside';
import { snapshot } from '../../git/worktree/snapshot';
import { isDamage } from './damage';
import type { ActivityDependencies } from '../scope/dependencies';
import { requireOurs } from '../scope/claim';
import type { Lease } from '../scope/lease';
import { makePlaceWhole } from './make-whole';
import { noteMoved } from './moved-branch';
import type { Place } from '../scope/place';
import { underRepositoryLock } from '../scope/under-repository-lock';

export interface Try {
  task: number;
  /** Attempt number of the task. */
  number: number;
  baseCommit: string | null;
}

export const wipRef = ({ task, number }: Pick<Try, 'task' | 'number'>): string =>
  `refs/yokeflow/wip/${task}/${number}`;

const wipOf = ({ task, number }: Try) => ({
  ref: wipRef({ task, number }),
  message: `Work in progress on T${task}, attempt ${number}`,
});

/** Keeps what a try left in the worktree under its own ref: commits that will be reset away, and uncommitted changes. */
export async function keepWork(
  { repository, worktree, branch }: Pick<Place, 'repository' | 'worktree' | 'branch'>,
  attempt: Try,
): Promise<void> {
  const wip = wipOf(attempt);
  const onBranch = await commitOf(repository, branchRef(branch));
  // An agent may have left the branch, and committed there.
  const checkedOut = await headOf(await gitIn(repository, worktree.path));
  for (const commit of new Set([onBranch, checkedOut]))
    if (commit && commit !== attempt.baseCommit) await keepCommit(repository, { ...wip, commit });
  await snapshot(repository, { worktree: worktree.path, ...wip });
}

/**
 * The worktree as it was before the try, which is kept under its ref. Idempotent. Looks at the lease first: a worker
 * that was frozen and comes back must not reset what its successor writes.
 *
 * @throws LeaseLost
 * @throws RepositoryAway when another database has taken the repository over
 */
export async function undoTry(
  deps: ActivityDependencies,
  { place, attempt, lease }: { place: Place; attempt: Try; lease: Pick<Lease, 'token'> },
): Promise<void> {
  await assertLease(deps.db, { worktreeId: place.worktree.id, token: lease.token });
  await requireOurs(place);
  if (!attempt.baseCommit) return;
  const { repository, worktree, branch } = place;
  await noteMoved(deps, place, { task: attempt.task, base: attempt.baseCommit });
  try {
    await makePlaceWhole(deps.db, place, attempt.task);
    await keepWork(place, attempt);
    await unpinTask(repository, attempt.task, attempt.baseCommit);
    await resetWorktree(repository, { worktree: worktree.path, branch, to: attempt.baseCommit });
  } catch (error) {
    if (!isDamage(error)) throw error;
    await setAside(deps.db, place, { ...attempt, baseCommit: attempt.baseCommit });
  }
}

/** Ends a try that nobody has judged: undone, on record, and the worktree is free again. Throws as `undoTry` does. */
export async function endTry(
  deps: ActivityDependencies,
  {
    place,
    attempt,
    lease,
  }: { place: Place; attempt: Try & { id: number }; lease: Pick<Lease, 'token' | 'release'> },
  end: Pick<Parameters<typeof endUndone>[1], 'status' | 'reason'>,
): Promise<void> {
  await undoTry(deps, { place, attempt, lease });
  const { token } = lease;
  await endUndone(deps.db, {
    attemptId: attempt.id,
    lease: { worktreeId: place.worktree.id, token },
    ...end,
  });
  await lease.release();
}

/** The worktree itself is what is kept, and a person is told where: git cannot look into it any more. */
async function setAside(db: Database, place: Place, attempt: Try & { baseCommit: string }): Promise<void> {
  const { repository, worktree, branch } = place;
  const head = await commitOf(repository, branchRef(branch));
  if (head && head !== attempt.baseCommit) await keepCommit(repository, { ...wipOf(attempt), commit: head });
  const kept = await underRepositoryLock(db, place, (held) =>
    setAsideWorktree(held.repository, { path: worktree.path, branch, to: attempt.baseCommit }),
  );
  if (!kept) return;
  const note = `the worktree of ${branch} was damaged by T${attempt.task}: what is left of it is in ${kept}`;
  await noteFor(db, { sessionId: place.session.id, task: attempt.task, note });
}
