import type { Queryable } from '../connection/connection';

/** Why each attempt at a task has the model that it has, by attempt id; attempts that chose none are left out. */
export async function modelReasons(db: Queryable, taskId: number): Promise<Map<number, string>> {
  const { rows } = await db.query<{ id: number; reason: string }>(
    `select a.id, u.payload->>'reason' as reason
     from yokeflow.task_attempts a join yokeflow.agent_turns u on u.attempt_id = a.id
     where a.task_id = $1 and u.kind = 'note' and u.tool_use_id = 'model' and u.payload->>'reason' is not null`,
    [taskId],
  );
  return new Map(rows.map(({ id, reason }) => [id, reason]));
}
