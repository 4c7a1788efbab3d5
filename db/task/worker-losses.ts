import type { Queryable } from '../connection/connection';
import { fence, type AttemptToken } from '../worktree/fence';

/**
 * Counts one more loss of the worker while a command of this try ran, and says how many there were since the try last
 * recorded a turn. Throws `LeaseLost`.
 */
export async function countWorkerLoss(db: Queryable, token: AttemptToken): Promise<number> {
  return db.transaction(async (tx) => {
    await fence(tx, token);
    const { rows } = await tx.query<{ losses: number }>(
      `update yokeflow.task_attempts a set worker_losses_turn = turns.n,
         worker_losses = case when a.worker_losses_turn = turns.n then a.worker_losses + 1 else 1 end
       from (select count(*) as n from yokeflow.agent_turns where attempt_id = $1) turns
       where a.id = $1 returning a.worker_losses as losses`,
      [token.attemptId],
    );
    return rows[0]!.losses;
  });
}

/** How often the worker was lost while this try ran, since it last recorded a turn. */
export async function workerLosses(db: Queryable, attemptId: number): Promise<number> {
  const { rows } = await db.query<{ losses: number }>(
    `select case when worker_losses_turn = (select count(*) from yokeflow.agent_turns where attempt_id = $1)
       then worker_losses else 0 end as losses from yokeflow.task_attempts where id = $1`,
    [attemptId],
  );
  return rows[0]?.losses ?? 0;
}

/**
 * The task of an older try, of any session, that lost its worker `losses` times or more and was at work within the last
 * `withinMs`; null where there is none.
 */
export async function olderSuspect(
  db: Queryable,
  { attemptId, losses, withinMs }: { attemptId: number; losses: number; withinMs: number },
): Promise<number | null> {
  const { rows } = await db.query<{ task: number }>(
    `select t.number as task from yokeflow.task_attempts a
       join yokeflow.leases l on l.attempt_id = a.id join yokeflow.tasks t on t.id = a.task_id
     where a.status = 'running' and a.id < $1 and a.worker_losses >= $2 and l.released_at is null
       and l.heartbeat_at > clock_timestamp() - $3 * interval '1 millisecond'
     order by a.id limit 1`,
    [attemptId, losses, withinMs],
  );
  return rows[0]?.task ?? null;
}
