import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withAbsolutePaths } from './absolute-paths';
import { built } from './built';
import { comeback } from './comeback';
import { type Endpoints, endpointsOf, temporalOf, type TemporalEndpoint } from './endpoints';
import { ServicesError } from './errors';
import { exists } from './exists';
import { freeMibAt } from './free-space';
import { homePaths, makeHome, readPassword } from './home';
import { hasLiveLeases } from './postgres/leases';
import { isRunning } from '../processes/identity';
import { isGoneWithin } from '../processes/signal';
import { checkExternal } from './reachability';
import { readSettings, type Settings } from './settings';
import { stopServices } from './stop';
import { requireNotElsewhere } from './supervision/elsewhere';
import { agentKeysOf, currentBuild, differingKeys, wiringOf } from './supervision/fingerprint';
import { lastLogLine, openLog } from './supervision/log-file';
import { answersAt } from './supervision/ssh-agent';
import { readState, type ServicesState } from './supervision/state';
import { SUPERVISOR_STOPS_WITHIN_MS } from './supervision/stop-times';
import { explicitCli } from './temporal/resolve-cli';

/** The first start may have to fetch the Temporal CLI, and that may mean to build it. */
const READY_WITHIN_MS = 20 * 60_000;

export interface EnsureOptions {
  env: NodeJS.ProcessEnv;
  /** Hears one line for each step, when there is anything to do. */
  onProgress?: (line: string) => void;
  /** Whether a worker runs in the background, too; true unless told otherwise. */
  worker?: boolean;
}

export interface Services extends Endpoints {
  /** Whether anything had to be started. */
  started: boolean;
}

/** The state of this home's supervisor; null when none is alive. */
async function liveState(home: string): Promise<ServicesState | null> {
  const state = await readState(homePaths(home).state);
  return state && (await isRunning(state.supervisor)) ? state : null;
}

/** The same, once it is not being stopped any more. */
async function stayingState(home: string, say: (line: string) => void): Promise<ServicesState | null> {
  const state = await liveState(home);
  if (state?.phase !== 'stopping') return state;
  say('the services are being stopped: waiting for that');
  if (await isGoneWithin(state.supervisor, SUPERVISOR_STOPS_WITHIN_MS)) return stayingState(home, say);
  throw new ServicesError(
    'The services are being stopped, and do not end',
    'run `yokeflow down`, then try again',
  );
}

/** What is different about the running services that only a new worker can change; null: nothing. */
async function whyRestart(
  state: ServicesState,
  env: NodeJS.ProcessEnv,
  worker: boolean,
): Promise<string | null> {
  if (!worker) return null;
  if (!state.worker) return 'no worker runs in the background';
  if (state.build !== (await currentBuild())) return 'YokeFlow was built anew';
  if (state.node !== null && !(await exists(state.node))) return 'the Node that they run with is gone';
  // Each terminal may bring an ssh agent of its own: the worker keeps the one that it has for as long as that answers.
  const hasAgent = state.sshAgent !== null && (await answersAt(state.sshAgent));
  const differ = differingKeys(state.agentKeys, agentKeysOf(env)).filter(
    (name) => name !== 'SSH_AUTH_SOCK' || !hasAgent,
  );
  return differ.length ? `other settings for the worker here: ${differ.join(', ')}` : null;
}

/** Whether a restart would interrupt anybody. A worker whose database does not answer is better left alone, too. */
async function isAtWork(state: ServicesState, settings: Settings): Promise<boolean> {
  // Also without one of ours: `yokeflow worker` may run in a terminal.
  if (!state.worker && state.phase !== 'ready') return false;
  const password = await readPassword(homePaths(settings.home));
  const endpoints = endpointsOf(settings, state.ports, password);
  return endpoints === null || state.phase !== 'ready' || (await hasLiveLeases(endpoints.databaseUrl));
}

function checkWiring(state: ServicesState, settings: Settings): void {
  if (state.wiring === wiringOf(settings)) return;
  throw new ServicesError(
    `The services that run for ${settings.home} were started with another DATABASE_URL or other TEMPORAL_* settings`,
    'run `yokeflow down` first, or set YOKEFLOW_HOME to another folder',
  );
}

async function launch(settings: Settings, env: NodeJS.ProcessEnv, worker: boolean): Promise<ChildProcess> {
  const paths = await makeHome(settings.home);
  const log = await openLog(path.join(paths.logs, 'supervisor.log'));
  const args = [built('services/supervisor-main.js'), ...(worker ? ['--worker'] : [])];
  // In a session of its own: neither Ctrl-C nor a closed terminal ends it.
  const child = spawn(process.execPath, args, {
    env: {
      ...withAbsolutePaths(env),
      YOKEFLOW_HOME: settings.home,
      ...(settings.databaseUrl ? { DATABASE_URL: settings.databaseUrl } : {}),
    },
    cwd: settings.home,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  child.unref();
  await log.close();
  return child;
}

/** @param seen whether a supervisor was at work on it: one that has gone without a word was told to stop */
async function failure(settings: Settings, seen = false): Promise<ServicesError> {
  const paths = homePaths(settings.home);
  const state = await readState(paths.state);
  if (state?.failure) return new ServicesError(state.failure.problem, state.failure.remedy);
  if (seen && (state === null || state.phase === 'stopping'))
    return new ServicesError('The services were stopped while they came up', 'try again');
  // Then no log can tell why.
  if ((await freeMibAt(settings.home)) === 0)
    return new ServicesError(
      `The services did not start: the disk of ${settings.home} is full`,
      'free some space, and try again',
    );
  const log = path.join(paths.logs, 'supervisor.log');
  return new ServicesError(`The services did not start (${await lastLogLine(log)})`, `read ${log}`);
}

/**
 * Follows a supervisor until its services are ready.
 * @param supervisor null: another command has started it
 */
async function waitUntilReady(
  settings: Settings,
  supervisor: ChildProcess | null,
  say: (line: string) => void,
): Promise<ServicesState> {
  const deadline = performance.now() + READY_WITHIN_MS;
  let told = 0;
  let seen = supervisor === null;
  while (performance.now() < deadline) {
    const ended = supervisor === null || supervisor.exitCode !== null || supervisor.signalCode !== null;
    const state = await liveState(settings.home);
    for (; state && told < state.progress.length; told++) say(state.progress[told]!);
    if (state?.phase === 'ready') return state;
    // One that ends without an error was told to: it may have come and gone between two looks.
    seen ||= state !== null || supervisor?.exitCode === 0;
    const over = state ? state.phase !== 'starting' : ended;
    if (over) throw await failure(settings, seen);
    await sleep(25);
  }
  throw await failure(settings);
}

const APPLY = 'yokeflow down && yokeflow up';

/** Who has the addresses of services that are restarted finds them there again. */
function portsOf(state: ServicesState | null): NodeJS.ProcessEnv {
  const { postgres, temporal, ui } = state?.ports ?? {};
  const names = { YOKEFLOW_POSTGRES_PORT: postgres, YOKEFLOW_TEMPORAL_PORT: temporal, YOKEFLOW_UI_PORT: ui };
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, port]) => (port == null ? [] : [[name, String(port)]])),
  );
}

/** What can only be wrong here is told before anything is stopped or begun. */
async function checkStart({ temporal }: Settings, env: NodeJS.ProcessEnv): Promise<void> {
  if (!temporal) await explicitCli(env);
}

async function running(options: EnsureOptions, settings: Settings): Promise<[ServicesState, boolean]> {
  const { env, worker = true, onProgress: say = () => undefined } = options;
  const present = await stayingState(settings.home, say);
  if (present) {
    checkWiring(present, settings);
    const reason = await whyRestart(present, env, worker);
    if (reason === null && present.phase === 'ready') return [present, false];
    if (reason === null) return [await waitUntilReady(settings, null, say), true];
    if (await isAtWork(present, settings)) {
      say(`${reason}. A session may be at work, so the services stay as they are; to apply it: ${APPLY}`);
      return [present.phase === 'ready' ? present : await waitUntilReady(settings, null, say), false];
    }
    await checkStart(settings, env);
    say(`restarting the services: ${reason}`);
    await stopServices({ env, onProgress: say });
  } else {
    await checkStart(settings, env);
    await requireNotElsewhere(settings.home, homePaths(settings.home).state, say);
  }
  const supervisor = await launch(settings, { ...portsOf(present), ...env }, worker);
  return [await waitUntilReady(settings, supervisor, say), true];
}

function reportWorker(state: ServicesState, settings: Settings, say: (line: string) => void): void {
  if ((state.failures.worker ?? 0) < 2) return;
  say(
    `the worker keeps ending soon after its start: read ${path.join(homePaths(settings.home).logs, 'worker.log')}`,
  );
}

/**
 * Finds the services that the environment asks for, and starts in the background what is missing.
 * With everything running it only looks.
 * @throws ServicesError in one line that says what to do: a server of the user's does not answer
 * within 5 seconds, or an embedded one cannot be started.
 */
export async function ensureServices(options: EnsureOptions): Promise<Services> {
  const settings = readSettings(options.env);
  await checkExternal(settings);
  const external = settings.databaseUrl !== null && settings.temporal !== null;
  let state: ServicesState | null = null;
  let started = false;
  if (!external || options.worker !== false) {
    [state, started] = await running(options, settings);
    reportWorker(state, settings, options.onProgress ?? (() => undefined));
  }
  const password = await readPassword(homePaths(settings.home));
  const endpoints = endpointsOf(settings, state?.ports ?? null, password);
  if (!endpoints) throw await failure(settings);
  if (!settings.databaseUrl && !started)
    await comeback(settings.home, endpoints.databaseUrl, options.onProgress ?? (() => undefined));
  return { ...endpoints, started };
}

/** Where the services are, when all of them run; null otherwise. Starts nothing. */
export async function peekServices(env: NodeJS.ProcessEnv): Promise<Endpoints | null> {
  const settings = readSettings(env);
  const state = await liveState(settings.home);
  const ports = state?.phase === 'ready' && state.wiring === wiringOf(settings) ? state.ports : null;
  return endpointsOf(settings, ports, await readPassword(homePaths(settings.home)));
}

/** Where Temporal is, whether PostgreSQL runs or not; null: it is embedded, and does not run. Starts nothing. */
export async function peekTemporal(env: NodeJS.ProcessEnv): Promise<TemporalEndpoint | null> {
  const settings = readSettings(env);
  return temporalOf(settings, (await liveState(settings.home))?.ports ?? null);
}
