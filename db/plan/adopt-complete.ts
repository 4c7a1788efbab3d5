import type { Queryable } from '../connection/connection';

export interface FinishedTask {
  task: number;
  commit: string;
  baseCommit: string;
  empty: boolean;
  /** ISO 8601. */
  completedAt: string;
  /** The try that made the commit, if this database knows it. */
  session: number;
  attempt: number;
}

/** Tasks that git says are complete, and this database did not know of. */
export async function adoptComplete(
  db: Queryable,
  { projectId, tasks }: { projectId: number; tasks: readonly FinishedTask[] },
): Promise<void> {
  await db.transaction(async (tx) => {
    const finished = JSON.stringify(tasks);
    await tx.query(
      `update yokeflow.tasks t set status = 'complete', status_reason = null, commit_sha = f.commit,
         base_sha = f."baseCommit", no_changes = f.empty, completed_at = f."completedAt", updated_at = now()
       from jsonb_to_recordset($2) as f (
         task integer, commit text, "baseCommit" text, empty boolean, "completedAt" timestamptz
       )
       where t.project_id = $1 and t.number = f.task and t.status not in ('complete', 'skipped')`,
      [projectId, finished],
    );
    // Whatever else it left in the worktree was folded into the commit: there is nothing to undo.
    await tx.query(
      `update yokeflow.task_attempts a set status = 'complete', ended_at = coalesce(a.ended_at, now()),
         commit_sha = f.commit, reason = null
       from jsonb_to_recordset($2) as f (task integer, commit text, session integer, attempt integer),
         yokeflow.tasks t
       where t.project_id = $1 and t.number = f.task and a.task_id = t.id and a.session_id = f.session
         and a.number = f.attempt and a.status in ('running', 'abandoned', 'cancelled')
         and a.outcome is distinct from 'undone'`,
      [projectId, finished],
    );
  });
}
