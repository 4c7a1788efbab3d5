import type { Queryable } from '../connection/connection';

export interface BudgetChange {
  sessionId: number;
  /** USD for the session; with `task`, for that task. */
  budgetUsd?: number;
  /** USD for every task that has no budget of its own. */
  taskBudgetUsd?: number;
  task?: number;
}

/** Changes the limits of an open session. Idempotent. */
export async function setBudget(db: Queryable, { sessionId, task, ...limits }: BudgetChange): Promise<void> {
  if (task === undefined) {
    await db.query('update yokeflow.sessions set options = options || $2::jsonb where id = $1', [
      sessionId,
      JSON.stringify(limits),
    ]);
    return;
  }
  await db.query(
    `update yokeflow.tasks t set budget_usd = $3, updated_at = now() from yokeflow.sessions s
     where s.id = $1 and t.project_id = s.project_id and t.number = $2`,
    [sessionId, task, limits.budgetUsd ?? limits.taskBudgetUsd],
  );
}
