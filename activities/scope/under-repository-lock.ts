import type { Database } from '../../db/connection/connection';
import { withRepositoryLock } from '../../db/landing/repository-lock';
import { requireOurs } from './claim';
import type { Place } from './place';

/**
 * Runs `work` in the same place under the repository's lock. Git that runs there ends when the lock is lost: somebody
 * else may be at work by then. @throws RepositoryAway where it is not ours any more
 */
export const underRepositoryLock = <P extends Pick<Place, 'project' | 'repository'>, T>(
  db: Database,
  place: P,
  work: (place: P) => Promise<T>,
): Promise<T> =>
  withRepositoryLock(db, place.project.gitDir, async (signal) => {
    await requireOurs(place);
    return work({ ...place, repository: { ...place.repository, signal } });
  });
