import type { Queryable } from '../connection/connection';

/** What ties a project to its repository. */
export interface ProjectWork {
  /** The open session. */
  session: number | null;
  /** The branch of a worktree that has not been removed. */
  branch: string | null;
  /** Complete tasks, landed or not. */
  complete: number;
}

export async function projectWork(db: Queryable, projectId: number): Promise<ProjectWork> {
  const { rows } = await db.query<ProjectWork>(
    `select
       (select id from yokeflow.sessions where project_id = $1 and status in ('running', 'paused')) as session,
       (select branch_name from yokeflow.worktrees
        where project_id = $1 and status <> 'removed' order by id limit 1) as branch,
       count(*)::integer as complete
     from yokeflow.tasks t where t.project_id = $1 and t.status = 'complete'`,
    [projectId],
  );
  return rows[0]!;
}
