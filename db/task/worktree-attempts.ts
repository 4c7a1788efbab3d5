import type { AttemptStatus } from '../../domain/model';
import type { Queryable } from '../connection/connection';

export interface WorktreeAttempt {
  id: number;
  task: number;
  number: number;
  status: AttemptStatus;
  baseCommit: string | null;
  /** Of one that died, the last sign of life; null while it is on record as running. */
  endedAt: string | null;
  /** What it left in the worktree was kept and taken out. */
  undone: boolean;
}

const COLUMNS = `a.id, t.number as task, a.number, a.status, a.base_commit as "baseCommit",
  a.ended_at as "endedAt", a.outcome is not distinct from 'undone' as undone`;

/** The last attempt that has begun to write in a worktree, before the given one if there is one; null when none has. */
export async function lastAttemptIn(
  db: Queryable,
  { worktreeId, before }: { worktreeId: number; before?: number | undefined },
): Promise<WorktreeAttempt | null> {
  const { rows } = await db.query<WorktreeAttempt>(
    `select ${COLUMNS} from yokeflow.task_attempts a join yokeflow.tasks t on t.id = a.task_id
     where a.worktree_id = $1 and a.base_commit is not null and ($2::integer is null or a.id < $2)
     order by a.id desc limit 1`,
    [worktreeId, before ?? null],
  );
  return rows[0] ?? null;
}

/** Whether any attempt has begun to write in a worktree. */
export async function hasBeenWorkedIn(db: Queryable, worktreeId: number): Promise<boolean> {
  const { rowCount } = await db.query(
    'select from yokeflow.task_attempts where worktree_id = $1 and base_commit is not null limit 1',
    [worktreeId],
  );
  return rowCount === 1;
}

/** Whether the attempt of this key has begun in a worktree. */
export async function hasBegunIn(
  db: Queryable,
  { worktreeId, key }: { worktreeId: number; key: string },
): Promise<boolean> {
  const { rowCount } = await db.query(
    'select from yokeflow.task_attempts where worktree_id = $1 and key = $2',
    [worktreeId, key],
  );
  return rowCount > 0;
}

/** An attempt that died, or was ended, has nothing in the worktree any more. */
export async function markUndone(db: Queryable, attemptId: number): Promise<void> {
  await db.query(
    `update yokeflow.task_attempts set outcome = 'undone' where id = $1 and status in ('running', 'abandoned', 'cancelled')`,
    [attemptId],
  );
}

/** The attempts of a session that nobody has settled, each with its worktree. */
export async function openAttempts(
  db: Queryable,
  sessionId: number,
): Promise<(WorktreeAttempt & { worktreeId: number; epic: number | null })[]> {
  const { rows } = await db.query<WorktreeAttempt & { worktreeId: number; epic: number | null }>(
    `select ${COLUMNS}, a.worktree_id as "worktreeId", e.number as epic
     from yokeflow.task_attempts a
       join yokeflow.tasks t on t.id = a.task_id
       join yokeflow.worktrees w on w.id = a.worktree_id
       left join yokeflow.epics e on e.id = w.epic_id
     where a.session_id = $1 and a.status = 'running' order by a.id`,
    [sessionId],
  );
  return rows;
}
