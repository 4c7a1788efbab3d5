import type { Queryable } from '../connection/connection';

const FIRST = 20_000;
/** Below those that Linux and macOS give to outgoing connections. */
const LAST = 32_750;
/** A stack of several servers takes the port and those that follow it. */
const STEP = 10;

/**
 * The port of a worktree, the same for as long as its row lives: the lowest that no other worktree has, of any
 * project. Where all are taken, one of a worktree that is gone is given away; null when there is none either.
 */
export async function assignPort(db: Queryable, worktreeId: number): Promise<number | null> {
  return db.transaction(async (tx) => {
    // Two who look for the lowest free one would both find the same.
    await tx.query(`select pg_advisory_xact_lock(hashtext('yokeflow worktree ports'))`);
    const { rows } = await tx.query<{ port: number | null }>(
      'select port from yokeflow.worktrees where id = $1',
      [worktreeId],
    );
    if (rows[0]?.port != null) return rows[0].port;
    return (await takeFree(tx, worktreeId)) ?? (await takeFromRemoved(tx, worktreeId));
  });
}

async function takeFree(tx: Queryable, worktreeId: number): Promise<number | null> {
  const { rows } = await tx.query<{ port: number }>(
    `update yokeflow.worktrees set port = (
       select min(free) from generate_series($2::integer, $3::integer, $4::integer) free
       where not exists (select from yokeflow.worktrees w where w.port = free)
     ) where id = $1 returning port`,
    [worktreeId, FIRST, LAST, STEP],
  );
  return rows[0]?.port ?? null;
}

async function takeFromRemoved(tx: Queryable, worktreeId: number): Promise<number | null> {
  const { rows } = await tx.query<{ id: number; port: number }>(
    `select id, port from yokeflow.worktrees
     where status = 'removed' and port is not null order by merged_at nulls first, id limit 1`,
  );
  const [removed] = rows;
  if (!removed) return null;
  await tx.query('update yokeflow.worktrees set port = null where id = $1', [removed.id]);
  await tx.query('update yokeflow.worktrees set port = $2 where id = $1', [worktreeId, removed.port]);
  return removed.port;
}
