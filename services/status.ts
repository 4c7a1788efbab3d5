import path from 'node:path';
import { type Endpoints, endpointsOf } from './endpoints';
import { homePaths, readPassword } from './home';
import { isRunning } from './process-identity';
import { readSettings } from './settings';
import { agentKeysOf, keptKeys, wiringOf } from './supervision/fingerprint';
import { type ProgramName, readState } from './supervision/state';

export interface ProgramStatus {
  name: ProgramName;
  pid: number;
  running: boolean;
  /** Starts that failed in a row. */
  failures: number;
  log: string;
}

export interface ServiceStatus {
  home: string;
  /** The supervisor's process id; null when none runs. */
  supervisor: number | null;
  phase: 'stopped' | 'starting' | 'ready' | 'failed';
  programs: ProgramStatus[];
  /** Variables that the worker was started with and this environment does not set. */
  kept: string[];
  /** Null while something embedded does not run. */
  endpoints: Endpoints | null;
}

/** What runs for this home, and where. Looks only; asks no server. */
export async function serviceStatus(env: NodeJS.ProcessEnv): Promise<ServiceStatus> {
  const settings = readSettings(env);
  const paths = homePaths(settings.home);
  const state = await readState(paths.state);
  const alive = state !== null && (await isRunning(state.supervisor));
  const programs = (state?.programs ?? []).map(async ({ name, ...identity }) => ({
    name,
    pid: identity.pid,
    running: await isRunning(identity),
    failures: state?.failures[name] ?? 0,
    log: path.join(paths.logs, `${name}.log`),
  }));
  const ports = alive && state.wiring === wiringOf(settings) ? state.ports : null;
  return {
    home: settings.home,
    supervisor: alive ? state.supervisor.pid : null,
    phase: alive ? state.phase : state?.phase === 'failed' ? 'failed' : 'stopped',
    programs: await Promise.all(programs),
    kept: alive && state.worker ? keptKeys(state.agentKeys, agentKeysOf(env)) : [],
    endpoints: endpointsOf(settings, ports, await readPassword(paths)),
  };
}
