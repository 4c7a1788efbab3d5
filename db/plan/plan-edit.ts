import { resolve } from '../../domain/graph/graph';
import { describeCycles } from '../../domain/graph/graph-cycles';
import {
  OPEN_SESSION_STATUSES,
  type AgentName,
  type DependencyType,
  type TaskStatus,
} from '../../domain/model';
import { DEFAULT_PRIORITY } from '../../domain/plan/plan';
import type { Queryable } from '../connection/connection';
import { NotFound, PlanRefused } from '../connection/errors';
import { lateDependency } from './plan-diff';
import type { StoredEpic } from './plan-load';
import { lockProject } from '../project/projects';
import { AT_WORK } from '../task/at-work';
import { selectTasks } from '../task/stored-task';

/** Takes the next free number where none is given. */
export async function createEpic(
  db: Queryable,
  { projectId, name, number }: { projectId: number; name: string; number?: number },
): Promise<StoredEpic> {
  return db.transaction(async (tx) => {
    await lockProject(tx, projectId);
    const { rows } = await tx.query<StoredEpic>(
      `insert into yokeflow.epics (project_id, number, name)
       select $1, coalesce($2::integer, max(number) + 1, 1), $3 from yokeflow.epics where project_id = $1
       returning id, number, name`,
      [projectId, number ?? null, name],
    );
    return rows[0]!;
  });
}

export interface NewTask {
  projectId: number;
  epicId: number;
  description: string;
  action: string;
  /** Lower goes first. */
  priority?: number;
  /** Task numbers. */
  dependsOn?: number[];
  /** Of every dependency in `dependsOn`; hard if absent. */
  dependencyType?: DependencyType;
  agent?: AgentName;
  model?: string;
  verify?: string;
  budgetUsd?: number;
}

/**
 * Adds a task under the next free number of its project. Throws `NotFound` if a dependency does not exist, and
 * `PlanRefused` for a script task without its script.
 */
export async function createTask(db: Queryable, task: NewTask): Promise<{ id: number; number: number }> {
  if (task.agent === 'script' && task.action.trim() === '') {
    throw new PlanRefused('action: is missing; a script task needs the script to run');
  }
  return db.transaction(async (tx) => {
    await lockProject(tx, task.projectId);
    const { rows } = await tx.query<{ id: number; number: number }>(
      `insert into yokeflow.tasks
         (project_id, epic_id, description, action, priority, agent, model, verify, budget_usd, number)
       select $1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce(max(number), 0) + 1
       from yokeflow.tasks where project_id = $1 returning id, number`,
      [
        task.projectId,
        task.epicId,
        task.description,
        task.action,
        task.priority ?? DEFAULT_PRIORITY,
        task.agent ?? null,
        task.model ?? null,
        task.verify ?? null,
        task.budgetUsd ?? null,
      ],
    );
    const created = rows[0]!;
    for (const needed of new Set(task.dependsOn)) {
      const edge = { projectId: task.projectId, task: created.number, dependsOn: needed };
      await insertEdge(tx, { ...edge, type: task.dependencyType ?? 'hard' });
    }
    return created;
  });
}

export interface NewDependency {
  projectId: number;
  task: number;
  dependsOn: number;
  type?: DependencyType;
}

/**
 * Adds the dependency or changes its type. Throws `PlanRefused` for one that would close a cycle, and for a hard one of a
 * task that is complete or at work: its commit would not contain what it depends on.
 */
export async function addDependency(db: Queryable, dependency: NewDependency): Promise<void> {
  await db.transaction(async (tx) => {
    await lockProject(tx, dependency.projectId);
    // Of a task at work, too, this is what is wrong.
    refuseItself(dependency);
    if (dependency.type !== 'soft') await refuseLate(tx, dependency);
    await insertEdge(tx, { ...dependency, type: dependency.type ?? 'hard' });
    const tasks = await selectTasks(tx, dependency.projectId, null);
    const { cycles } = resolve(tasks.map((task) => ({ ...task, id: task.number })));
    if (cycles.length > 0)
      throw new PlanRefused(`${describeCycles(cycles)}: leave one of these dependencies out`);
  });
}

function refuseItself({ task, dependsOn }: Pick<NewDependency, 'task' | 'dependsOn'>): void {
  if (task !== dependsOn) return;
  throw new PlanRefused(`depends_on: task ${task} cannot depend on itself: name another task`);
}

async function refuseLate(tx: Queryable, { projectId, task, dependsOn }: NewDependency): Promise<void> {
  const { rows } = await tx.query<{ status: TaskStatus; atWork: boolean; known: boolean }>(
    `select t.status, exists (
         select from yokeflow.sessions s where s.project_id = $1 and s.status = any($4) and ${AT_WORK}
       ) as "atWork", exists (
         select from yokeflow.task_dependencies d join yokeflow.tasks needed on needed.id = d.depends_on_id
         where d.task_id = t.id and needed.number = $3 and d.type = 'hard'
       ) as known
     from yokeflow.tasks t where t.project_id = $1 and t.number = $2`,
    [projectId, task, dependsOn, OPEN_SESSION_STATUSES],
  );
  const [found] = rows;
  if (!found || found.known || !(found.atWork || found.status === 'complete')) return;
  throw new PlanRefused(lateDependency(task, dependsOn, found.atWork ? 'at work' : 'complete'));
}

async function insertEdge(
  tx: Queryable,
  { projectId, task, dependsOn, type }: Required<NewDependency>,
): Promise<void> {
  refuseItself({ task, dependsOn });
  const { rowCount } = await tx.query(
    `insert into yokeflow.task_dependencies (project_id, task_id, depends_on_id, type)
     select $1, t.id, needed.id, $4 from yokeflow.tasks t, yokeflow.tasks needed
     where t.project_id = $1 and t.number = $2 and needed.project_id = $1 and needed.number = $3
     on conflict (task_id, depends_on_id) do update set type = excluded.type`,
    [projectId, task, dependsOn, type],
  );
  if (rowCount === 0) {
    throw new NotFound(
      `depends_on: task ${task} cannot depend on ${dependsOn}, one of them is not in the plan`,
    );
  }
}
