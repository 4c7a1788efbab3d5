import type { Queryable } from '../connection/connection';
import { usdFromNano } from '../../domain/cost/money';

export interface Costs {
  /** What was added now. */
  costUsd: number;
  /** Of the task, over all attempts and sessions. */
  taskCostUsd: number;
  sessionCostUsd: number;
  /** The price of what was added is unknown. */
  unknown: boolean;
}

export interface Charge {
  attemptId: number;
  costNano: number;
  /** There was a cost, but its price is unknown. */
  unpriced: boolean;
  /** What the call may have cost beyond `costNano`: kept out of the budgets from now on. */
  uncertainNano?: number;
}

/** Charges an attempt, its task and its session, and ends the reservation that was made for the call. */
export async function addCost(
  tx: Queryable,
  { attemptId, costNano, unpriced, uncertainNano = 0 }: Charge,
): Promise<Costs> {
  // One after the other, and in the order of every other writer: parts of one statement could lock in any order.
  const attempt = await tx.query<{ taskId: number; sessionId: number }>(
    `update yokeflow.task_attempts set cost_nano = cost_nano + $2, cost_unknown = cost_unknown or $3,
       in_flight_nano = 0, uncertain_nano = uncertain_nano + $4
     where id = $1 returning task_id as "taskId", session_id as "sessionId"`,
    [attemptId, costNano, unpriced, uncertainNano],
  );
  const { taskId, sessionId } = attempt.rows[0]!;
  const task = await tx.query<{ nano: number }>(
    'update yokeflow.tasks set cost_nano = cost_nano + $2 where id = $1 returning cost_nano as nano',
    [taskId, costNano],
  );
  const session = await tx.query<{ nano: number }>(
    `update yokeflow.sessions set total_cost_nano = total_cost_nano + $2
     where id = $1 returning total_cost_nano as nano`,
    [sessionId, costNano],
  );
  return {
    costUsd: usdFromNano(costNano),
    taskCostUsd: usdFromNano(task.rows[0]!.nano),
    sessionCostUsd: usdFromNano(session.rows[0]!.nano),
    unknown: unpriced,
  };
}

/** What a session has cost so far, and what the task has cost in it, failed attempts included. */
export async function spent(
  db: Queryable,
  { sessionId, taskId }: { sessionId: number; taskId: number },
): Promise<{ sessionUsd: number; taskUsd: number }> {
  const { rows } = await db.query<{ session: number; task: number }>(
    `select s.total_cost_nano as session, (
       select coalesce(sum(cost_nano), 0) from yokeflow.task_attempts where session_id = s.id and task_id = $2
     ) as task from yokeflow.sessions s where s.id = $1`,
    [sessionId, taskId],
  );
  return { sessionUsd: usdFromNano(rows[0]?.session ?? 0), taskUsd: usdFromNano(rows[0]?.task ?? 0) };
}

/** What a session has cost so far, and what the given tasks have cost in it. */
export async function costsOfTasks(
  db: Queryable,
  { sessionId, taskIds }: { sessionId: number; taskIds: number[] },
): Promise<{ totalUsd: number; tasks: { task: number; costUsd: number }[] }> {
  const total = await db.query<{ nano: number }>(
    'select total_cost_nano as nano from yokeflow.sessions where id = $1',
    [sessionId],
  );
  const tasks = await db.query<{ task: number; nano: number }>(
    `select t.number as task, sum(a.cost_nano)::bigint as nano
     from yokeflow.task_attempts a join yokeflow.tasks t on t.id = a.task_id
     where a.session_id = $1 and a.task_id = any($2) group by t.number order by t.number`,
    [sessionId, taskIds],
  );
  return {
    totalUsd: usdFromNano(total.rows[0]?.nano ?? 0),
    tasks: tasks.rows.map(({ task, nano }) => ({ task, costUsd: usdFromNano(nano) })),
  };
}
