import type { Conflict, PullRequest, WorktreeStatus } from '../../domain/model';
import type { Queryable } from '../connection/connection';
import { NotFound } from '../connection/errors';
import { storableJson } from '../connection/storable-json';
import { storableOrNull } from '../../domain/storable-text';

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
  /** Required for `proposed`; kept once it is known. */
  pullRequest?: PullRequest;
}

/** A conflict and the reason for waiting go with their status: any other one clears them. */
export async function setWorktreeStatus(db: Queryable, change: WorktreeChange): Promise<void> {
  const { worktreeId, status, pullRequest } = change;
  const conflict = status === 'conflict' && change.conflict ? storableJson(change.conflict) : null;
  const why = status === 'blocked' ? change.blockedReason : undefined;
  const blockedReason = storableOrNull(why);
  const { rowCount } = await db.query(
    `update yokeflow.worktrees set status = $2, conflict = $3, blocked_reason = $4,
       merge_commit = coalesce($5, merge_commit), verification_id = $6,
       merged_at = case when $2 = 'merged' then coalesce(merged_at, now()) else merged_at end,
       pull_request_number = coalesce($7, pull_request_number),
       pull_request_url = coalesce($8, pull_request_url),
       pull_request_commit = coalesce($9, pull_request_commit)
     where id = $1`,
    [
      ...[worktreeId, status, conflict, blockedReason],
      ...[change.mergeCommit ?? null, change.verificationId ?? null],
      ...[pullRequest?.number ?? null, pullRequest?.url ?? null, pullRequest?.commit ?? null],
    ],
  );
  if (rowCount === 0) throw new NotFound(`there is no worktree ${worktreeId}: see yokeflow worktrees list`);
}

/**
 * What was blocked for a reason that begins like this is so no more.
 * @returns the numbers of their epics
 */
export async function unblockWorktrees(
  db: Queryable,
  { projectId, because }: { projectId: number; because: string },
): Promise<number[]> {
  const { rows } = await db.query<{ epic: number }>(
    `update yokeflow.worktrees w set status = 'active', blocked_reason = null, verification_id = null
     from yokeflow.epics e where e.id = w.epic_id and w.project_id = $1 and w.status = 'blocked'
       and starts_with(w.blocked_reason, $2) returning e.number as epic`,
    [projectId, because],
  );
  return rows.map(({ epic }) => epic);
}

export async function setWorktreeStart(
  db: Queryable,
  { worktreeId, startCommit }: { worktreeId: number; startCommit: string },
): Promise<void> {
  await db.query('update yokeflow.worktrees set start_commit = $2 where id = $1', [worktreeId, startCommit]);
}

/** It was made anew: what was brought in, and what the set-up had made, is not there any more. */
export async function forgetSetup(db: Queryable, worktreeId: number): Promise<void> {
  await db.query('update yokeflow.worktrees set setup_done_at = null where id = $1', [worktreeId]);
}

export interface SetupRecord {
  worktreeId: number;
  /** The worktree can be worked in. */
  done: boolean;
  /** The last of what the set-up printed. */
  output: string | null;
  note: string | null;
}

/** What came of making a worktree ready. */
export async function recordSetup(
  db: Queryable,
  { worktreeId, done, output, note }: SetupRecord,
): Promise<void> {
  await db.query(
    `update yokeflow.worktrees set setup_done_at = case when $2 then now() end, setup_output = $3, note = $4
     where id = $1`,
    [worktreeId, done, storableOrNull(output), storableOrNull(note)],
  );
}

/** What a person should know of the worktree; null when there is nothing any more. */
export async function setWorktreeNote(
  db: Queryable,
  { worktreeId, note }: { worktreeId: number; note: string | null },
): Promise<void> {
  const text = storableOrNull(note);
  await db.query('update yokeflow.worktrees set note = $2 where id = $1', [worktreeId, text]);
}
