import { rm } from 'node:fs/promises';
import { homePaths } from './home';
import { isRunning } from '../processes/identity';
import { endProcess, isGoneWithin, signal } from '../processes/signal';
import { readSettings } from './settings';
import { postgresDataDir } from './supervision/bring-up';
import { requireNotElsewhere } from './supervision/elsewhere';
import { endBackends, endLeftovers } from './supervision/leftovers';
import { markersOf } from './supervision/markers';
import { readState } from './supervision/state';
import { SUPERVISOR_STOPS_WITHIN_MS } from './supervision/stop-times';

export interface StopOptions {
  env: NodeJS.ProcessEnv;
  onProgress?: (line: string) => void;
}

/**
 * Stops the supervisor of this home and all that it started: worker, Temporal, PostgreSQL, in this
 * order. What a killed supervisor left behind is ended, too.
 * @returns whether anything was running.
 * @throws ServicesError when it runs on another machine, or in another container.
 */
export async function stopServices(options: StopOptions): Promise<boolean> {
  const { env, onProgress: say = () => undefined } = options;
  const { home } = readSettings(env);
  const paths = homePaths(home);
  const state = await readState(paths.state);
  if (!state) return false;
  await requireNotElsewhere(home, paths.state, say);
  const supervised = await isRunning(state.supervisor);
  if (supervised) {
    say('stopping the worker, Temporal and PostgreSQL');
    await signal(state.supervisor, 'SIGTERM');
    if (!(await isGoneWithin(state.supervisor, SUPERVISOR_STOPS_WITHIN_MS)))
      await endProcess(state.supervisor, 'SIGKILL', 0);
  }
  const left = await readState(paths.state);
  if (left && (await isRunning(left.supervisor))) return supervised;
  if (left) {
    await endLeftovers(left, await markersOf(home), say);
    await rm(paths.state, { force: true });
  }
  await endBackends(await postgresDataDir(home));
  return supervised;
}
