import type { Queryable } from '../../db/connection/connection';
import { releaseLease, takeLease, type ProcessGroup } from '../../db/worktree/leases';

/** As the worker has it: a holder that has not renewed for this long is taken for dead. */
const STALE_AFTER_MS = 30_000;

export type Owned<T> = { owned: true; value: T } | { owned: false; reason: string };

/** Runs `work` as the one owner of a worktree; refuses while an agent works there, or may. */
export async function asOwner<T>(
  db: Queryable,
  worktreeId: number,
  work: () => Promise<T>,
): Promise<Owned<T>> {
  const holder = `yokeflow worktrees, process ${process.pid}`;
  const grant = await takeLease(db, { worktreeId, holder, staleAfterMs: STALE_AFTER_MS });
  if (grant.kind === 'held') return { owned: false, reason: `is in use by ${grant.holder}` };
  try {
    const alive = grant.previous.processes.find(isAlive);
    if (alive)
      return {
        owned: false,
        reason: `an agent that a killed worker left may still run in it (process group ${alive.pgid})`,
      };
    return { owned: true, value: await work() };
  } finally {
    await releaseLease(db, { worktreeId, token: grant.token });
  }
}

/** A number that was given to another group since then only makes this more careful. */
function isAlive({ pgid }: ProcessGroup): boolean {
  try {
    process.kill(-pgid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
