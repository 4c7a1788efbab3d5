import type { Budget } from '../agents/agent';
import { spent } from '../db/costs';
import { NANO_PER_USD } from '../db/money';
import { getSession } from '../db/sessions';
import type { RunOptions } from '../domain/run-input';
import type { ActivityDependencies } from './dependencies';
import type { TryScope } from './try-scope';

/** What may still be spent. Read anew each time: `setBudget` changes the session's options while it runs. */
export async function budgetOf({ db }: ActivityDependencies, { input, task }: TryScope): Promise<Budget> {
  const { sessionUsd, taskUsd } = await spent(db, { sessionId: input.sessionId, taskId: task.id });
  const options = (await getSession(db, input.sessionId)).options as unknown as RunOptions;
  const left = (limit: number | null | undefined, used: number) =>
    limit == null ? null : Math.round((limit - used) * NANO_PER_USD);
  const session = left(options.budgetUsd, sessionUsd);
  const own = left(task.budgetUsd ?? options.taskBudgetUsd, taskUsd);
  if (own !== null && (session === null || own < session)) return { remainingNano: own, scope: 'task' };
  return { remainingNano: session, scope: 'session' };
}
