import type { Queryable } from '../connection/connection';

/** How many turns each attempt at a task took, by attempt id. */
export async function turnCounts(db: Queryable, taskId: number): Promise<Map<number, number>> {
  const { rows } = await db.query<{ id: number; turns: number }>(
    `select a.id, count(distinct u.n)::integer as turns
     from yokeflow.task_attempts a join yokeflow.agent_turns u on u.attempt_id = a.id and u.kind = 'response'
     where a.task_id = $1 group by a.id`,
    [taskId],
  );
  return new Map(rows.map(({ id, turns }) => [id, turns]));
}
