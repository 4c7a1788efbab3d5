import type { Queryable } from '../connection/connection';

export interface TaskCommit {
  task: number;
  epic: number;
  commit: string;
}

const SELECT = `select t.number as task, e.number as epic, t.commit_sha as commit
  from yokeflow.tasks t join yokeflow.epics e on e.id = t.epic_id
  where t.project_id = $1 and t.status = 'complete'`;

/** The commit of every complete task of a project, by task number. */
export async function taskCommits(db: Queryable, projectId: number): Promise<TaskCommit[]> {
  return (await db.query<TaskCommit>(`${SELECT} order by t.number`, [projectId])).rows;
}

/** The same for one epic. */
export async function epicCommits(
  db: Queryable,
  { projectId, epic }: { projectId: number; epic: number },
): Promise<TaskCommit[]> {
  return (await db.query<TaskCommit>(`${SELECT} and e.number = $2 order by t.number`, [projectId, epic]))
    .rows;
}
