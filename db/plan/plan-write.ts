import type { TaskStatus } from '../../domain/model';
import type { PlanEpic } from '../../domain/plan/plan';
import type { Queryable } from '../connection/connection';
import type { TaskDefinition } from './plan-diff';
import { storableJson } from '../connection/storable-json';

/** Each of these writes any number of rows in one statement, so that 10,000 tasks take about a second. */

export async function writeEpics(
  tx: Queryable,
  projectId: number,
  epics: readonly PlanEpic[],
): Promise<void> {
  await tx.query(
    `insert into yokeflow.epics (project_id, number, name)
     select $1, id, name from jsonb_to_recordset($2) as epic (id integer, name text)
     on conflict (project_id, number) do update set name = excluded.name`,
    [projectId, storableJson(epics.map(({ id, name }) => ({ id, name })))],
  );
}

/**
 * A task that failed or was blocked may run again once its definition has changed.
 * @returns those that run: one may have started since it was looked at
 */
export async function writeTasks(
  tx: Queryable,
  projectId: number,
  tasks: readonly TaskDefinition[],
): Promise<number[]> {
  if (tasks.length === 0) return [];
  const definitions = tasks.map((task) => ({ ...task, dependsOn: undefined }));
  const { rows } = await tx.query<Written>(
    `insert into yokeflow.tasks
       (project_id, epic_id, number, description, action, priority, agent, model, verify, budget_usd)
     select $1, e.id, task.id, description, action, priority, agent, model, verify, "budgetUsd"
     from jsonb_to_recordset($2) as task (id integer, epic integer, description text, action text,
       priority integer, agent text, model text, verify text, "budgetUsd" numeric)
     join yokeflow.epics e on e.project_id = $1 and e.number = task.epic
     on conflict (project_id, number) do update set
       epic_id = excluded.epic_id, description = excluded.description, action = excluded.action,
       priority = excluded.priority, agent = excluded.agent, model = excluded.model, verify = excluded.verify,
       budget_usd = excluded.budget_usd, updated_at = now(),
       status = case when tasks.status in ('failed', 'blocked') then 'pending' else tasks.status end,
       status_reason = case when tasks.status in ('failed', 'blocked') then null else tasks.status_reason end
     returning number as task, status`,
    [projectId, storableJson(definitions)],
  );
  await writeDependencies(tx, projectId, tasks);
  return runningOf(rows);
}

interface Written {
  task: number;
  status: TaskStatus;
}

const runningOf = (rows: readonly Written[]): number[] =>
  rows.filter(({ status }) => status === 'running').map(({ task }) => task);

/** Replaces the dependencies of these tasks. */
async function writeDependencies(
  tx: Queryable,
  projectId: number,
  tasks: readonly TaskDefinition[],
): Promise<void> {
  await tx.query(
    `delete from yokeflow.task_dependencies where task_id in (
       select id from yokeflow.tasks where project_id = $1 and number = any($2)
     )`,
    [projectId, tasks.map((task) => task.id)],
  );
  const edges = tasks.flatMap((task) =>
    task.dependsOn.map((needed) => ({ task: task.id, needed: needed.task, type: needed.type })),
  );
  await tx.query(
    `insert into yokeflow.task_dependencies (project_id, task_id, depends_on_id, type)
     select distinct on (t.id, needed.id) $1::integer, t.id, needed.id, edge.type
     from jsonb_to_recordset($2) as edge (task integer, needed integer, type text)
     join yokeflow.tasks t on t.project_id = $1 and t.number = edge.task
     join yokeflow.tasks needed on needed.project_id = $1 and needed.number = edge.needed
     order by t.id, needed.id, edge.type`,
    [projectId, JSON.stringify(edges)],
  );
}

/** @returns those that run: one may have started since it was looked at */
export async function removeTasks(
  tx: Queryable,
  projectId: number,
  numbers: readonly number[],
): Promise<number[]> {
  const { rows } = await tx.query<Written>(
    'delete from yokeflow.tasks where project_id = $1 and number = any($2) returning number as task, status',
    [projectId, numbers],
  );
  return runningOf(rows);
}

/** Epics that the plan no longer has go once they are empty, unless there is a worktree with their work. */
export async function removeEmptyEpics(
  tx: Queryable,
  projectId: number,
  inPlan: readonly number[],
): Promise<void> {
  await tx.query(
    `delete from yokeflow.epics e where e.project_id = $1 and e.number <> all($2)
       and not exists (select from yokeflow.tasks where epic_id = e.id)
       and not exists (select from yokeflow.worktrees where epic_id = e.id)`,
    [projectId, inPlan],
  );
}
