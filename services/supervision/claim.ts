import { lock } from 'proper-lockfile';
import { isRunning } from '../../processes/identity';
import type { HomePaths } from '../home';
import { readState, type ServicesState, writeState } from './state';

const STALE_MS = 10_000;

/**
 * Makes `mine` the state of this home, unless the supervisor that it names is proven to be alive.
 * The lock is held for the exchange only; whose place it is, the state itself says.
 * @returns the state of the dead predecessor (null: none), or 'taken'.
 */
export async function claimHome(
  home: string,
  paths: HomePaths,
  mine: (predecessor: ServicesState | null) => ServicesState,
): Promise<ServicesState | null | 'taken'> {
  const release = await lock(home, {
    lockfilePath: paths.lock,
    stale: STALE_MS,
    retries: { retries: 150, minTimeout: 50, maxTimeout: 200 },
  });
  try {
    const predecessor = await readState(paths.state);
    if (predecessor && (await isRunning(predecessor.supervisor))) return 'taken';
    await writeState(paths.state, mine(predecessor));
    return predecessor;
  } finally {
    await release();
  }
}
