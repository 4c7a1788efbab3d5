import { createHash } from 'node:crypto';
import path from 'node:path';
import { DATABASE, endpointsOf, environmentFor } from '../endpoints';
import { ServicesError } from '../errors';
import { exists } from '../exists';
import { ensurePassword, type HomePaths, readPassword } from '../home';
import { freePort } from '../ports';
import { postgresAccount } from '../postgres/account';
import { postgresBinaries } from '../postgres/binaries';
import { type Cluster, initializeCluster, localDatabaseUrl, setPassword } from '../postgres/cluster';
import { ensureDatabase } from '../postgres/connection';
import { pathForOthers, reachablePath } from '../postgres/reachable-path';
import type { Settings } from '../settings';
import { keepMade } from '../temporal/half-made';
import { otherMaker } from '../temporal/maker';
import { resolveCli } from '../temporal/resolve-cli';
import { keepRunning, type Running } from './keep-running';
import { readLastPorts, writeLastPorts } from './last-ports';
import type { Program } from './program';
import { postgresProgram, temporalProgram, workerProgram } from './programs';
import type { Reporter } from './reporter';

export interface BringUp {
  settings: Settings;
  paths: HomePaths;
  env: NodeJS.ProcessEnv;
  worker: boolean;
  reporter: Reporter;
  /** What was started so far, in order; to be stopped in the opposite order. */
  running: Running[];
  /** Hears of a port that another program has taken while ours did not run. */
  onPortTaken: (port: number) => void;
  /** Set once everything is to end: nothing is started any more. */
  stopping: boolean;
}

/** Where the embedded PostgreSQL keeps its data. */
export async function postgresDataDir(home: string): Promise<string> {
  if (!(await postgresAccount())) return path.join(home, 'postgres');
  // Where they were made they stay, whoever may enter the home by now: an empty database would take their place.
  const apart = path.join(pathForOthers(home), 'postgres');
  return (await exists(apart)) ? apart : path.join(await reachablePath(home), 'postgres');
}

type PortName = keyof Settings['preferredPorts'];

async function start(up: BringUp, program: Program): Promise<void> {
  const { reporter } = up;
  if (up.stopping) throw new ServicesError('The services are stopping', 'try again');
  const running = keepRunning(program, {
    onStart: (process, failures) => reporter.started(program.name, process, failures),
    onSettled: () => reporter.settled(program.name),
    onPortTaken: (port) => up.onPortTaken(port),
  });
  up.running.push(running);
  await running.ready;
}

/** Those of a predecessor that died come first: what it left may be in use. */
async function choosePort({ settings, paths, reporter }: BringUp, name: PortName): Promise<number> {
  const last = await readLastPorts(paths.lastPorts);
  return freePort(reporter.state.ports[name], settings.preferredPorts[name], last[name]);
}

async function startPostgres(up: BringUp, { newPassword }: { newPassword: boolean }): Promise<void> {
  const { settings, paths, reporter } = up;
  reporter.say('starting PostgreSQL');
  const account = await postgresAccount();
  const cluster: Cluster = {
    dataDir: await postgresDataDir(settings.home),
    password: await ensurePassword(paths),
    binaries: await postgresBinaries(account),
    account,
  };
  const found = await initializeCluster(cluster);
  if (found && newPassword) await setPassword(cluster);
  const port = await choosePort(up, 'postgres');
  await start(up, postgresProgram(paths, cluster, port));
  await ensureDatabase(localDatabaseUrl(port, cluster.password, 'postgres'), DATABASE);
  await reporter.update({ ports: { ...reporter.state.ports, postgres: port } });
  reporter.say(`PostgreSQL is ready at 127.0.0.1:${port}`);
}

/**
 * A namespace that only this home's Temporal has. Temporal asks for no password, and two homes that
 * start at once may both have found the same port free: only one gets it, and both would take the
 * server there for theirs.
 */
async function markOf(paths: HomePaths): Promise<string> {
  const secret = await ensurePassword(paths);
  return `yokeflow-home-${createHash('sha256').update(secret).digest('hex').slice(0, 12)}`;
}

async function startTemporal(up: BringUp): Promise<void> {
  const { settings, paths, reporter, env } = up;
  const say = (line: string) => reporter.say(line);
  const cli = await resolveCli({ env, binDir: env.YOKEFLOW_BIN_DIR || paths.bin, onProgress: say });
  say('starting Temporal');
  const port = await choosePort(up, 'temporal');
  const uiPort = await choosePort(up, 'ui');
  const namespaces = [settings.namespace, await markOf(paths)];
  await start(up, temporalProgram(paths, cli, { port, uiPort, namespaces }));
  await keepMade(paths.temporalDb);
  await reporter.update({ ports: { ...reporter.state.ports, temporal: port, ui: uiPort } });
  const other = await otherMaker(paths.temporalDb, cli);
  if (other) say(`${other.problem}; ${other.remedy}`);
  say(`Temporal is ready at 127.0.0.1:${port}, its Web UI at http://127.0.0.1:${uiPort}`);
}

async function startWorker(up: BringUp): Promise<void> {
  const { settings, paths, env, reporter } = up;
  const password = settings.databaseUrl ? null : await ensurePassword(paths);
  const endpoints = endpointsOf(settings, reporter.state.ports, password);
  if (!endpoints)
    throw new ServicesError('The worker has no services', 'run `yokeflow down`, then try again');
  await start(up, workerProgram(paths, settings.home, environmentFor(env, settings, endpoints)));
  reporter.say('the worker is running');
}

/** Starts what the settings leave to us. Throws ServicesError; what runs by then is in `up.running`. */
export async function bringUp(up: BringUp): Promise<void> {
  // Both need it, and it is made up only once.
  const newPassword = (await readPassword(up.paths)) === null;
  await ensurePassword(up.paths);
  const servers = [
    ...(up.settings.databaseUrl ? [] : [startPostgres(up, { newPassword })]),
    ...(up.settings.temporal ? [] : [startTemporal(up)]),
  ];
  // Both come to their end before anything is thrown: nothing may start behind the back of `stop`.
  for (const outcome of await Promise.allSettled(servers)) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
  await writeLastPorts(up.paths.lastPorts, up.reporter.state.ports);
  if (up.worker) await startWorker(up);
}
