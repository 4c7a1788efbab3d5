import type { Queryable } from '../connection/connection';
import { LeaseLost } from '../connection/errors';

/** What every write of an attempt has to bring: the token of the lease under which it runs. */
export interface AttemptToken {
  attemptId: number;
  token: number;
}

/** Locks as `holdsFence` says, within a statement of its own or a part of another one. No row: the fence is lost. */
export const fenceQuery = (attemptId: string, token: string): string => `select from yokeflow.leases l
  join yokeflow.task_attempts a on a.worktree_id = l.worktree_id
  where a.id = ${attemptId} and a.status = 'running' and a.token = ${token} and l.token = ${token}
    and l.released_at is null
  for share of l for no key update of a`;

/** Throws `LeaseLost` where `holdsFence` says no. */
export async function fence(tx: Queryable, attempt: AttemptToken): Promise<void> {
  if (!(await holdsFence(tx, attempt))) throw new LeaseLost(attempt.token);
}

/**
 * Locks the attempt, and its worktree's lease against takers, until the transaction ends. False if the token has
 * been superseded or the attempt is over.
 */
export async function holdsFence(tx: Queryable, { attemptId, token }: AttemptToken): Promise<boolean> {
  const { rowCount } = await tx.query(fenceQuery('$1', '$2'), [attemptId, token]);
  return rowCount > 0;
}
