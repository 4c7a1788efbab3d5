import { dirname } from 'node:path';
import { databasePlace } from '../../db/connection/identity';
import type { Project } from '../../db/project/projects';
import { claimRepository, newClaim, otherHolder, takeOverCommand } from '../../git/repository/claim';
import { RepositoryAway, type Repository } from '../../git/repository/repository';
import type { ActivityDependencies } from './dependencies';

/** A repository, and the database in which the project is that works there. */
export interface Claimed {
  project: Pick<Project, 'databaseId' | 'name'>;
  repository: Repository;
}

/** For a session that begins. @throws RepositoryProblem where the repository holds the work of another database */
export async function claim({ db, outputs }: ActivityDependencies, place: Claimed): Promise<void> {
  const { project, repository } = place;
  const where = { home: dirname(outputs), server: await databasePlace(db) };
  await claimRepository(repository, newClaim(project.databaseId, where), project.name);
}

const whoElse = ({ project, repository }: Claimed) => otherHolder(repository, project.databaseId);

/**
 * For a session that is open: it waits until it has the repository again. To be asked before anything is done there.
 * @throws RepositoryAway where another database has taken it over
 */
export async function requireOurs(place: Claimed): Promise<void> {
  const other = await whoElse(place);
  if (other === null) return;
  // The command comes first: where there is little room, the end is cut off.
  throw new RepositoryAway(
    `take it back, ${takeOverCommand(place.project.name)}, or cancel this session: ` +
      `${place.repository.path} was taken over by ${other}`,
  );
}

/** Looks again and again until it is told to stop. `signal` aborts when another database has taken the repository over. */
export function watchClaim(place: Claimed, everyMs: number): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  const look = () =>
    whoElse(place).then(
      (other) => other !== null && controller.abort(),
      () => undefined,
    );
  const timer = setInterval(() => void look(), everyMs);
  return { signal: controller.signal, stop: () => clearInterval(timer) };
}
