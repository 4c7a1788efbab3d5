import { worktreeEnvironment } from '../../domain/worktree-environment';
import type { ActivityDependencies } from '../scope/dependencies';
import type { Place } from '../scope/place';

/** The environment of what runs in a lane's worktree for a task, or for the project itself. */
export function environmentOf(
  deps: ActivityDependencies,
  place: Place,
  task: number | null,
): Record<string, string> {
  return worktreeEnvironment(deps.environment, {
    project: place.project.name,
    task,
    epic: place.epic,
    port: place.worktree.port,
    directory: place.worktree.path,
    identity: place.repository.identity,
  });
}
