import type { TaskStatus } from '../../domain/model';
import type { Queryable } from '../connection/connection';
import { notInPlan } from '../project/not-in-plan';
import { selectTasks, type StoredTask } from './stored-task';

export async function getTask(
  db: Queryable,
  { projectId, task }: { projectId: number; task: number },
): Promise<StoredTask> {
  const [stored] = await selectTasks(db, projectId, task);
  if (!stored) throw await notInPlan(db, projectId, `task ${task}`);
  return stored;
}

export interface NeededCommit {
  task: number;
  epic: number;
  description: string;
  status: TaskStatus;
  /** Null until the task is complete. */
  commit: string | null;
}

/** The hard dependencies of a task and the commits that it has to contain. */
export async function dependencyCommits(db: Queryable, taskId: number): Promise<NeededCommit[]> {
  const { rows } = await db.query<NeededCommit>(
    `select t.number as task, e.number as epic, t.description, t.status, t.commit_sha as commit
     from yokeflow.task_dependencies d
     join yokeflow.tasks t on t.id = d.depends_on_id join yokeflow.epics e on e.id = t.epic_id
     where d.task_id = $1 and d.type = 'hard' order by t.number`,
    [taskId],
  );
  return rows;
}
