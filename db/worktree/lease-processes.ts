import type { Queryable } from '../connection/connection';
import type { ProcessGroup, TokenOfLease } from './leases';

/** Remembers a process group, so that whoever takes the lease next can end it. False: token lost, end it yourself. */
export async function recordProcess(
  db: Queryable,
  { worktreeId, token, pgid, startTime }: TokenOfLease & ProcessGroup,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update yokeflow.leases set processes = processes || jsonb_build_object('pgid', $3::integer, 'startTime', $4::text)
     where worktree_id = $1 and token = $2 and released_at is null`,
    [worktreeId, token, pgid, startTime],
  );
  return rowCount === 1;
}

/** For a group that has ended. False: token lost. */
export async function forgetProcess(
  db: Queryable,
  { worktreeId, token, pgid }: TokenOfLease & { pgid: number },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update yokeflow.leases set processes = coalesce((
       select jsonb_agg(process) from jsonb_array_elements(processes) as process
       where (process->>'pgid')::integer <> $3
     ), '[]')
     where worktree_id = $1 and token = $2 and released_at is null`,
    [worktreeId, token, pgid],
  );
  return rowCount === 1;
}
