import { containsCommitsOf } from '../../domain/scheduler';
import type { Queryable } from '../connection/connection';
import { appendEvent } from '../events/events';
import { setWorktreeStatus, unblockWorktrees } from '../worktree/worktree-status';

/** A lane of a session, by what is on record of it. */
export interface Lane {
  projectId: number;
  sessionId: number;
  worktreeId: number;
  /** Null: the lane of a sequential session. */
  epic: number | null;
}

/** `commit`: what brought it to the base branch; null when it had nothing that the base branch lacked. */
export async function storeLanded(db: Queryable, lane: Lane, commit: string | null): Promise<void> {
  const { projectId, sessionId, worktreeId, epic } = lane;
  await db.transaction(async (tx) => {
    await setWorktreeStatus(tx, { worktreeId, status: 'merged', ...(commit ? { mergeCommit: commit } : {}) });
    await releaseWaiting(tx, projectId, epic);
    if (!commit) return;
    const key = `merged:${epic}:${commit}`;
    await appendEvent(tx, { sessionId, epic, type: 'epic_merged', data: { commit }, key });
  });
}

/** What waits for a lane that has landed does so no more, also in a later session that is not about it. */
export async function releaseWaiting(db: Queryable, projectId: number, epic: number | null): Promise<void> {
  if (epic === null) return;
  const because = containsCommitsOf(`epic-${epic}`);
  for (const other of await unblockWorktrees(db, { projectId, because }))
    await releaseWaiting(db, projectId, other);
}
