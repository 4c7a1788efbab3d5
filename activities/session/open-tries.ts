import { openAttempts } from '../../db/task/worktree-attempts';
import type { ActivityDependencies } from '../scope/dependencies';
import { withLease } from '../scope/lease';
import { openPlace } from '../scope/place';
import { endTry } from '../worktree/keep-work';

/** Of whoever settles them: the workflows that had these tries have ended, so the lease is nobody's by now. */
export const takenOver = (sessionId: number, { worktreeId }: { worktreeId: number }) => ({
  worktreeId,
  holder: `end of session ${sessionId}`,
  seize: true,
});

/**
 * Undoes tries of a session that nobody settled: their activity was cancelled before it began, while no worker ran it, or
 * while it waited to go on. Their work is kept, and the worktree is as before.
 * @param tasks those of these tasks only
 */
export async function undoOpenTries(
  deps: ActivityDependencies,
  { sessionId, tasks }: { sessionId: number; tasks?: readonly number[] },
  end: Parameters<typeof endTry>[2],
): Promise<void> {
  for (const attempt of await openAttempts(deps.db, sessionId)) {
    if (tasks && !tasks.includes(attempt.task)) continue;
    const place = await openPlace(deps.db, { sessionId, epic: attempt.epic }, { reopen: false });
    await withLease(deps.db, takenOver(sessionId, attempt), (lease) =>
      endTry(deps, { place, attempt, lease }, end),
    );
  }
}
