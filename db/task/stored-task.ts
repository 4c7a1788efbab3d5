import type { Dependency } from '../../domain/graph/graph';
import type { AgentName, TaskStatus } from '../../domain/model';
import type { Queryable } from '../connection/connection';
import { usdFromNano } from '../../domain/cost/money';

/** A task of the plan and what came of it. `number` and `epic` are the numbers of the plan, `id` is the row. */
export interface StoredTask {
  id: number;
  number: number;
  epic: number;
  description: string;
  action: string;
  priority: number;
  agent: AgentName | null;
  model: string | null;
  verify: string | null;
  budgetUsd: number | null;
  /** What a person asked for when it was retried; holds for every further try. */
  retryInstructions: string | null;
  retryModel: string | null;
  status: TaskStatus;
  statusReason: string | null;
  commit: string | null;
  baseCommit: string | null;
  /** Complete, but the commit changes no file. */
  empty: boolean;
  attempts: number;
  durationMs: number | null;
  costUsd: number;
  completedAt: string | null;
  dependsOn: Dependency[];
}

type StoredTaskRow = Omit<StoredTask, 'costUsd' | 'dependsOn'> & { costNano: number };

const SELECT = `select t.id, t.number, e.number as epic, t.description, t.action, t.priority, t.agent,
    t.model, t.verify, t.budget_usd as "budgetUsd",
    t.retry_instructions as "retryInstructions", t.retry_model as "retryModel", t.status, t.status_reason as "statusReason",
    t.commit_sha as commit, t.base_sha as "baseCommit", t.no_changes as empty, t.attempts,
    t.duration_ms as "durationMs", t.cost_nano as "costNano", t.completed_at as "completedAt"
  from yokeflow.tasks t join yokeflow.epics e on e.id = t.epic_id`;

/** All tasks of a project, or the one with this number, in the order of their numbers. */
export async function selectTasks(
  db: Queryable,
  projectId: number,
  number: number | null,
): Promise<StoredTask[]> {
  const { rows } = await db.query<StoredTaskRow>(
    `${SELECT} where t.project_id = $1 and ($2::integer is null or t.number = $2) order by t.number`,
    [projectId, number],
  );
  const dependencies = await dependenciesOf(db, projectId, number);
  return rows.map(({ costNano, ...row }) => ({
    ...row,
    costUsd: usdFromNano(costNano),
    dependsOn: dependencies.get(row.id) ?? [],
  }));
}

/** By a query of its own: as a subquery for each task it takes seconds for a large plan. */
async function dependenciesOf(
  db: Queryable,
  projectId: number,
  number: number | null,
): Promise<Map<number, Dependency[]>> {
  const { rows } = await db.query<Dependency & { taskId: number }>(
    `select d.task_id as "taskId", needed.number as task, d.type from yokeflow.task_dependencies d
     join yokeflow.tasks needed on needed.id = d.depends_on_id
     where d.project_id = $1 and (
       $2::integer is null
       or d.task_id = (select id from yokeflow.tasks where project_id = $1 and number = $2)
     ) order by needed.number`,
    [projectId, number],
  );
  const byTask = new Map<number, Dependency[]>();
  for (const { taskId, task, type } of rows) {
    const dependencies = byTask.get(taskId) ?? [];
    dependencies.push({ task, type });
    byTask.set(taskId, dependencies);
  }
  return byTask;
}
