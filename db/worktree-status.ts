import type { Conflict, WorktreeStatus } from '../domain/model';
import type { Queryable } from './connection';
import { NotFound } from './errors';

export interface WorktreeChange {
  worktreeId: number;
  status: WorktreeStatus;
  /** Required for `conflict`. */
  conflict?: Conflict;
  /** Required for `blocked`. */
  blockedReason?: string;
  /** The verification that was red; for `blocked`. */
  verificationId?: number;
  /** The commit on the base branch that landed it; kept once it is known. */
  mergeCommit?: string;
}

/** A conflict and the reason for waiting go with their status: any other one clears them. */
export async function setWorktreeStatus(db: Queryable, change: WorktreeChange): Promise<void> {
  const { worktreeId, status } = change;
  const conflict = status === 'conflict' && change.conflict ? JSON.stringify(change.conflict) : null;
  const blockedReason = status === 'blocked' ? (change.blockedReason ?? null) : null;
  const { rowCount } = await db.query(
    `update yokeflow.worktrees set status = $2, conflict = $3, blocked_reason = $4,
       merge_commit = coalesce($5, merge_commit), verification_id = $6,
       merged_at = case when $2 = 'merged' then coalesce(merged_at, now()) else merged_at end
     where id = $1`,
    [worktreeId, status, conflict, blockedReason, change.mergeCommit ?? null, change.verificationId ?? null],
  );
  if (rowCount === 0) throw new NotFound(`there is no worktree ${worktreeId}: see yokeflow worktrees list`);
}

export async function setWorktreeStart(
  db: Queryable,
  { worktreeId, startCommit }: { worktreeId: number; startCommit: string },
): Promise<void> {
  await db.query('update yokeflow.worktrees set start_commit = $2 where id = $1', [worktreeId, startCommit]);
}

/** The project's setup command has succeeded in the worktree. */
export async function markSetupDone(db: Queryable, worktreeId: number): Promise<void> {
  await db.query('update yokeflow.worktrees set setup_done_at = now() where id = $1', [worktreeId]);
}
