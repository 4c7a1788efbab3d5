import path from 'node:path';
import { type Endpoints, endpointsOf } from './endpoints';
import { homePaths, readPassword } from './home';
import { isRunning } from '../processes/identity';
import { readSettings } from './settings';
import { agentKeysOf, differingKeys, keptKeys, wiringOf } from './supervision/fingerprint';
import { type ProgramName, readState, type ServicesState } from './supervision/state';

export interface ProgramStatus {
  name: ProgramName;
  pid: number;
  running: boolean;
  /** Starts that failed in a row. */
  failures: number;
  log: string;
}

/** Names of variables that a worker looks at, and can only inherit at its start. */
export interface WorkerSettings {
  has: string[];
  /** Of those, what this environment does not set. */
  kept: string[];
  /** What this environment sets, and the worker has not, or has otherwise. */
  lacks: string[];
}

export interface ServiceStatus {
  home: string;
  /** The supervisor's process id; null when none runs. */
  supervisor: number | null;
  phase: 'stopped' | ServicesState['phase'];
  programs: ProgramStatus[];
  /** What the worker in the background was started with; null when none is kept running. */
  worker: WorkerSettings | null;
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
    worker: alive && state.worker ? settingsOf(state, env) : null,
    endpoints: endpointsOf(settings, ports, await readPassword(paths)),
  };
}

function settingsOf({ agentKeys }: ServicesState, env: NodeJS.ProcessEnv): WorkerSettings {
  const here = agentKeysOf(env);
  return {
    has: Object.keys(agentKeys),
    kept: keptKeys(agentKeys, here),
    lacks: differingKeys(agentKeys, here),
  };
}
