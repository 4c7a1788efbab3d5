import type { Database } from '../../db/connection/connection';
import { forgetSetup } from '../../db/worktree/worktree-status';
import { ensureWorktree } from '../../git/worktree/worktrees';
import type { Place } from '../scope/place';
import { underRepositoryLock } from '../scope/under-repository-lock';

/**
 * Makes sure that a lane's worktree stands, with its files, also where somebody deleted it: whoever works there next makes it
 * ready. @returns whether it was made now
 */
export async function standUp(db: Database, place: Place, start: string): Promise<boolean> {
  const { worktree, branch } = place;
  return underRepositoryLock(db, place, async ({ repository }) => {
    const { created } = await ensureWorktree(repository, { path: worktree.path, branch, start });
    if (created) await forgetSetup(db, worktree.id);
    return created;
  });
}
