import type { Database } from '../../db/connection/connection';
import { git } from './git-repository';

/** The invariant of dependency sync: the commit of a task contains the commits of all its hard dependencies. */
export async function expectDependenciesContained(
  db: Database,
  project: string,
  repository: string,
): Promise<void> {
  const { rows } = await db.query<{ task: number; commit: string; needed: string }>(
    `select t.number as task, t.commit_sha as commit, o.commit_sha as needed
     from yokeflow.task_dependencies d
       join yokeflow.tasks t on t.id = d.task_id
       join yokeflow.tasks o on o.id = d.depends_on_id
       join yokeflow.projects p on p.id = t.project_id
     where p.name = $1 and d.type = 'hard' and t.status = 'complete'`,
    [project],
  );
  for (const { task, commit, needed } of rows) {
    const contained = await git(repository, 'merge-base', '--is-ancestor', needed, commit).then(
      () => true,
      () => false,
    );
    expect({ task, needed, contained }).toEqual({ task, needed, contained: true });
  }
}
