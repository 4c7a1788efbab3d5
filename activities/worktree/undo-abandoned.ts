import { lastAttemptIn, markUndone, type WorktreeAttempt } from '../../db/task/worktree-attempts';
import { STALE_AFTER_MS } from '../../domain/session/lease-times';
import { committedAt } from '../../git/content/commits';
import { branchRef } from '../../git/refs/refs';
import { mergeTouchedAt } from '../../git/worktree/merge-touched';
import type { ActivityDependencies } from '../scope/dependencies';
import type { Lease } from '../scope/lease';
import type { Place } from '../scope/place';
import { undoTry } from './keep-work';

const SETTLED = ['complete', 'failed'];

/**
 * Undoes the last try in a worktree if that died without being settled: nobody has judged what it left there, and its
 * commits would land with whatever comes next. Call it with the worktree's lease: who has that knows that no try is alive.
 * What somebody has committed since stays, and with it what that stands on; so does a merge that somebody has begun since, or
 * has gone on with.
 * @param before only tries before this one, by its id
 * @returns whether there was one to undo
 */
export async function undoAbandoned(
  deps: ActivityDependencies,
  place: Place,
  { before, lease }: { before?: number; lease: Pick<Lease, 'token'> },
): Promise<boolean> {
  const last = await lastAttemptIn(deps.db, { worktreeId: place.worktree.id, before });
  if (!last?.baseCommit || last.undone || SETTLED.includes(last.status)) return false;
  if (await wasTakenOver(place, last)) return false;
  await undoTry(deps, { place, attempt: last, lease });
  await markUndone(deps.db, last.id);
  return true;
}

/** By a person, who was at work there longer after its last sign of life than its own processes can have lived. */
async function wasTakenOver(
  { repository, branch, worktree }: Place,
  { endedAt }: WorktreeAttempt,
): Promise<boolean> {
  if (endedAt === null) return false;
  const overAt = Date.parse(endedAt) + STALE_AFTER_MS;
  const committed = await committedAt(repository, branchRef(branch));
  if (committed !== null && committed > overAt) return true;
  const merging = await mergeTouchedAt(repository, worktree.path);
  return merging !== null && merging > overAt;
}
