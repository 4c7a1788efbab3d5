import type { ProcessIdentity } from '../../processes/identity';
import type { Queryable } from '../connection/connection';
import type { TokenOfLease } from './leases';

/** Remembers a process group by its leader, so that whoever takes the lease next can end it. False: token lost, end it yourself. */
export async function recordProcess(
  db: Queryable,
  { worktreeId, token, pid, startedAt }: TokenOfLease & ProcessIdentity,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update yokeflow.leases set processes = processes || jsonb_build_object('pid', $3::integer, 'startedAt', $4::text)
     where worktree_id = $1 and token = $2 and released_at is null`,
    [worktreeId, token, pid, startedAt],
  );
  return rowCount === 1;
}

/** For a group that has ended. False: token lost. */
export async function forgetProcess(
  db: Queryable,
  { worktreeId, token, pid }: TokenOfLease & { pid: number },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update yokeflow.leases set processes = coalesce((
       select jsonb_agg(process) from jsonb_array_elements(processes) as process
       where (process->>'pid')::integer <> $3
     ), '[]')
     where worktree_id = $1 and token = $2 and released_at is null`,
    [worktreeId, token, pid],
  );
  return rowCount === 1;
}

export interface AbandonedLease {
  worktreeId: number;
  path: string;
  /** Of the session that is on record as open for the project, if one is. */
  workflowId: string | null;
}

/** Worktrees in which processes are on record, and whose holder has not renewed its lease for `staleAfterMs`. */
export async function abandonedLeases(db: Queryable, staleAfterMs: number): Promise<AbandonedLease[]> {
  const { rows } = await db.query<AbandonedLease>(
    `select l.worktree_id as "worktreeId", w.path, s.workflow_id as "workflowId"
     from yokeflow.leases l join yokeflow.worktrees w on w.id = l.worktree_id
     left join yokeflow.sessions s on s.project_id = w.project_id and s.status in ('running', 'paused')
     where l.processes <> '[]' and (l.released_at is not null
       or l.heartbeat_at < clock_timestamp() - $1 * interval '1 millisecond')`,
    [staleAfterMs],
  );
  return rows;
}
