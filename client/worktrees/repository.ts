import type { Project } from '../../db/project/projects';
import { openRepository, type Repository } from '../../git/repository/repository';

/** The project's repository, if it is still where it was. @throws RepositoryProblem */
export function repositoryOf(project: Project): Promise<Repository> {
  return openRepository({
    path: project.repoPath,
    gitDir: project.gitDir,
    bare: project.bare,
    identity: {
      name: project.authorName ?? 'YokeFlow',
      email: project.authorEmail ?? 'yokeflow@localhost',
    },
  });
}
