import type { Queryable } from './connection';
import { fence, type AttemptToken } from './fence';

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
