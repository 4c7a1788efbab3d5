import type { Queryable } from '../connection/connection';
import { LeaseLost } from '../connection/errors';
import type { ProcessIdentity } from '../../processes/identity';

export type LeaseGrant =
  | {
      kind: 'taken';
      /** Larger than every earlier token of this worktree. */
      token: number;
      /** Leaders of process groups that may still run: end them, then `forgetProcess`. */
      previous: { holder: string | null; processes: ProcessIdentity[] };
    }
  | { kind: 'held'; holder: string; heartbeatAt: string };

export interface TokenOfLease {
  worktreeId: number;
  token: number;
}

/**
 * Makes `holder` the one writer of the worktree and supersedes whoever was. A holder may take its own lease again,
 * but not with a smaller `order` than before; another one's only when it was released, or not renewed for
 * `staleAfterMs` (by PostgreSQL's clock).
 */
export async function takeLease(
  db: Queryable,
  {
    worktreeId,
    holder,
    staleAfterMs,
    order = 0,
  }: { worktreeId: number; holder: string; staleAfterMs: number; order?: number },
): Promise<LeaseGrant> {
  const take = () =>
    db.query<{ token: number; previousHolder: string | null; processes: ProcessIdentity[] }>(
      `update yokeflow.leases set token = token + 1, previous_holder = holder, holder = $2,
        holder_order = $4, heartbeat_at = clock_timestamp(), released_at = null
      where worktree_id = $1 and (released_at is not null or holder = $2 and holder_order <= $4
        or holder <> $2 and heartbeat_at < clock_timestamp() - $3 * interval '1 millisecond')
      returning token, previous_holder as "previousHolder", processes`,
      [worktreeId, holder, staleAfterMs, order],
    );
  let grant = (await take()).rows[0];
  if (!grant) {
    // Only a row that is there can be locked, so that of two takers one sees what the other has done.
    await db.query('insert into yokeflow.leases (worktree_id) values ($1) on conflict do nothing', [
      worktreeId,
    ]);
    grant = (await take()).rows[0];
  }
  if (grant) {
    const { token, previousHolder, processes } = grant;
    return { kind: 'taken', token, previous: { holder: previousHolder, processes } };
  }
  const held = await db.query<{ holder: string; heartbeatAt: string }>(
    'select holder, heartbeat_at as "heartbeatAt" from yokeflow.leases where worktree_id = $1',
    [worktreeId],
  );
  return { kind: 'held', ...held.rows[0]! };
}

/** False: the token has been superseded, or the lease released. */
export async function renewLease(db: Queryable, lease: TokenOfLease): Promise<boolean> {
  const { rowCount } = await db.query(
    `update yokeflow.leases set heartbeat_at = clock_timestamp()
      where worktree_id = $1 and token = $2 and released_at is null`,
    [lease.worktreeId, lease.token],
  );
  return rowCount === 1;
}

/** False as for `renewLease`. The recorded processes stay, should one of them have outlived its holder. */
export async function releaseLease(db: Queryable, lease: TokenOfLease): Promise<boolean> {
  const { rowCount } = await db.query(
    `update yokeflow.leases set released_at = clock_timestamp()
     where worktree_id = $1 and token = $2 and released_at is null`,
    [lease.worktreeId, lease.token],
  );
  return rowCount === 1;
}

/** Makes the lease the caller's until the transaction ends: takers wait that long. Throws `LeaseLost`. */
export async function assertLease(tx: Queryable, { worktreeId, token }: TokenOfLease): Promise<void> {
  const { rowCount } = await tx.query(
    `select from yokeflow.leases
      where worktree_id = $1 and token = $2 and released_at is null for share`,
    [worktreeId, token],
  );
  if (rowCount === 0) throw new LeaseLost(token);
}

export interface Lease extends TokenOfLease {
  holder: string | null;
  heartbeatAt: string;
  /** Since the last heartbeat, by PostgreSQL's clock. */
  ageMs: number;
  releasedAt: string | null;
  processes: ProcessIdentity[];
}

export async function listLeases(db: Queryable, projectId: number): Promise<Lease[]> {
  const { rows } = await db.query<Lease>(
    `select l.worktree_id as "worktreeId", l.token, l.holder, l.heartbeat_at as "heartbeatAt",
       round(extract(epoch from clock_timestamp() - l.heartbeat_at) * 1000) as "ageMs",
       l.released_at as "releasedAt", l.processes
     from yokeflow.leases l join yokeflow.worktrees w on w.id = l.worktree_id
     where w.project_id = $1 order by l.worktree_id`,
    [projectId],
  );
  return rows;
}
