import type { Queryable } from '../../db/connection/connection';
import { getProject, listProjects, type Project } from '../../db/project/projects';
import { listed } from '../../domain/listed';
import { UsageError } from './exit';
import type { Hint } from '../text/hint';

/** The project that is meant: the one named, or the only one there is. */
export async function chooseProject(db: Queryable, name: string | undefined, hint: Hint): Promise<Project> {
  if (name !== undefined) return getProject(db, name);
  const projects = await listProjects(db);
  if (projects.length === 1) return projects[0]!;
  if (projects.length === 0)
    throw new UsageError(`there is no project yet: ${hint('plan', 'import', 'plan.yaml', '--repo', '.')}`);
  const names = projects.map((project) => project.name);
  throw new UsageError(`--project is needed: there are ${listed(names, 10)}`);
}
