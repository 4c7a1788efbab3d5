import { endpointsOf, type Endpoints } from './endpoints';
import { homePaths, readPassword } from './home';
import { isRunning } from '../processes/identity';
import { readSettings } from './settings';
import { readState } from './supervision/state';

/**
 * Whether services that were found at `endpoints` are still there. Not known while they come up: another program, and be
 * it another home's Temporal, may have taken their ports. Asks no server.
 */
export async function areStillAt(env: NodeJS.ProcessEnv, endpoints: Endpoints): Promise<boolean> {
  const settings = readSettings(env);
  if (settings.databaseUrl !== null && settings.temporal !== null) return true;
  const paths = homePaths(settings.home);
  const state = await readState(paths.state);
  if (state === null) return false;
  if (!(await isRunning(state.supervisor))) {
    // What a killed supervisor left runs on where it was.
    const left = await Promise.all(state.programs.map(isRunning));
    return left.includes(true);
  }
  const now = endpointsOf(settings, state.ports, await readPassword(paths));
  return (
    state.phase === 'ready' &&
    now?.databaseUrl === endpoints.databaseUrl &&
    now.temporal.address === endpoints.temporal.address
  );
}
