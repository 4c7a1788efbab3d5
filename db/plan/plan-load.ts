import type { AgentName, TaskStatus } from '../../domain/model';
import type { Queryable } from '../connection/connection';
import { notInPlan } from '../project/not-in-plan';
import { getProjectById, type Project } from '../project/projects';
import { selectTasks, type StoredTask } from '../task/stored-task';

export interface StoredEpic {
  id: number;
  number: number;
  name: string;
}

export interface StoredPlan {
  project: Project;
  epics: (StoredEpic & { tasks: StoredTask[] })[];
}

export async function loadPlan(db: Queryable, projectId: number): Promise<StoredPlan> {
  const project = await getProjectById(db, projectId);
  const epics = await db.query<StoredEpic>(
    'select id, number, name from yokeflow.epics where project_id = $1 order by number',
    [projectId],
  );
  const byEpic = new Map<number, StoredTask[]>(epics.rows.map((epic) => [epic.number, []]));
  for (const task of await selectTasks(db, projectId, null)) byEpic.get(task.epic)?.push(task);
  return { project, epics: epics.rows.map((epic) => ({ ...epic, tasks: byEpic.get(epic.number) ?? [] })) };
}

/** What a scheduler needs to know of a task, and no more: a plan of 10,000 has to fit into a few payloads. */
export interface ScheduleRow {
  task: number;
  epic: number;
  priority: number;
  status: TaskStatus;
  /** Why it is not done, in at most 200 characters. */
  reason: string | null;
  /** Hard dependencies. */
  dependsOn: number[];
  /** At most 40 characters. */
  title: string;
  agent: AgentName | null;
  /** Also one that a retry asked for. */
  model: string | null;
}

/** A page of the plan by task number; the next one starts after the last task of this one. */
export async function loadSchedule(
  db: Queryable,
  projectId: number,
  { after, limit }: { after: number; limit: number },
): Promise<ScheduleRow[]> {
  const { rows } = await db.query<ScheduleRow>(
    `select t.number as task, e.number as epic, t.priority, t.status, left(t.status_reason, 200) as reason,
        left(t.description, 40) as title, t.agent, coalesce(t.retry_model, t.model) as model, array(
          select needed.number from yokeflow.task_dependencies d
          join yokeflow.tasks needed on needed.id = d.depends_on_id
          where d.task_id = t.id and d.type = 'hard' order by needed.number
        ) as "dependsOn"
      from yokeflow.tasks t join yokeflow.epics e on e.id = t.epic_id
      where t.project_id = $1 and t.number > $2 order by t.number limit $3`,
    [projectId, after, limit],
  );
  return rows;
}

export async function findEpic(db: Queryable, projectId: number, number: number): Promise<StoredEpic> {
  const { rows } = await db.query<StoredEpic>(
    'select id, number, name from yokeflow.epics where project_id = $1 and number = $2',
    [projectId, number],
  );
  if (!rows[0]) throw await notInPlan(db, projectId, `epic ${number}`);
  return rows[0];
}

/** `unfinished` counts what still has to run before the epic can land. */
export async function listEpics(
  db: Queryable,
  projectId: number,
): Promise<(StoredEpic & { unfinished: number; complete: number })[]> {
  const { rows } = await db.query<StoredEpic & { unfinished: number; complete: number }>(
    `select e.id, e.number, e.name,
       count(t.id) filter (where t.status not in ('complete', 'skipped')) as unfinished,
       count(t.id) filter (where t.status = 'complete') as complete
     from yokeflow.epics e left join yokeflow.tasks t on t.epic_id = e.id
     where e.project_id = $1 group by e.id order by e.number`,
    [projectId],
  );
  return rows;
}
