import { existsSync } from 'node:fs';
import path from 'node:path';
import { built } from '../built';
import type { HomePaths } from '../home';
import { type Cluster, localDatabaseUrl, postgresArguments } from '../postgres/cluster';
import { whyUnreachable } from '../postgres/connection';
import { devServerArguments } from '../temporal/dev-server';
import { removeHalfMade } from '../temporal/half-made';
import { noteMaker } from '../temporal/maker';
import { whyTemporalUnusable } from '../temporal/reachable';
import { clearPostmaster } from './leftovers';
import type { Program } from './program';
import { POSTGRES_STOPS_WITHIN_MS, TEMPORAL_STOPS_WITHIN_MS, WORKER_STOPS_WITHIN_MS } from './stop-times';

/** Servers get nothing that they could take for a setting, and no secret. */
function bareEnvironment(home: string): NodeJS.ProcessEnv {
  const { PATH, TMPDIR, TZ, SystemRoot } = process.env;
  return { PATH, TMPDIR, TZ, SystemRoot, HOME: home, LC_ALL: 'C' };
}

/** The embedded PostgreSQL. `dataDir` must have been initialised. */
export function postgresProgram(paths: HomePaths, cluster: Cluster, port: number): Program {
  const url = localDatabaseUrl(port, cluster.password, 'postgres');
  return {
    name: 'postgres',
    command: {
      file: cluster.binaries.postgres,
      args: postgresArguments(cluster.dataDir, port),
      env: bareEnvironment('/'),
      cwd: cluster.dataDir,
      ...cluster.account,
    },
    log: path.join(paths.logs, 'postgres.log'),
    prepare: () => clearPostmaster(cluster.dataDir),
    ports: [port],
    isReady: async () => (await whyUnreachable(url)) === null,
    // One that was killed reads its log first: a restart would make it begin with that anew, each time.
    isComing: async () => /^the database system is/.test((await whyUnreachable(url)) ?? ''),
    stopSignal: 'SIGINT',
    stopWithinMs: POSTGRES_STOPS_WITHIN_MS,
    longestPauseMs: 30_000,
  };
}

/** The embedded Temporal dev server with its Web UI. It is ready when it has all of these namespaces. */
export function temporalProgram(
  paths: HomePaths,
  cli: string,
  server: { port: number; uiPort: number; namespaces: string[] },
): Program {
  const address = `127.0.0.1:${server.port}`;
  const home = path.dirname(paths.temporalDb);
  return {
    name: 'temporal',
    command: {
      file: cli,
      args: devServerArguments({ ...server, dbFile: paths.temporalDb }),
      env: bareEnvironment(home),
      cwd: home,
    },
    log: path.join(paths.logs, 'temporal.log'),
    prepare: async () => {
      await removeHalfMade(paths.temporalDb);
      await noteMaker(paths.temporalDb, cli);
    },
    ports: [server.port, server.uiPort],
    isReady: async () => {
      for (const namespace of server.namespaces) {
        if ((await whyTemporalUnusable({ address }, namespace, 1_000)) !== null) return false;
      }
      return true;
    },
    stopSignal: 'SIGTERM',
    stopWithinMs: TEMPORAL_STOPS_WITHIN_MS,
    longestPauseMs: 30_000,
  };
}

export const WORKER_MARKER = '--supervised-for=';

/** The argument by which a home's worker is found, and by which it knows that it is kept running. */
export const workerMarker = (home: string): string => `${WORKER_MARKER}${home}`;

/** An upgrade may have taken the Node away that this process was started with: then the one that is found by its name. */
const nodeNow = (): string => (existsSync(process.execPath) ? process.execPath : 'node');

/** The worker, which runs the agents. */
export function workerProgram(paths: HomePaths, home: string, env: NodeJS.ProcessEnv): Program {
  return {
    name: 'worker',
    command: {
      // Looked at anew at each start.
      get file() {
        return nodeNow();
      },
      args: [built('worker/main.js'), workerMarker(home)],
      env,
    },
    log: path.join(paths.logs, 'worker.log'),
    ports: [],
    isReady: null,
    stopSignal: 'SIGTERM',
    stopWithinMs: WORKER_STOPS_WITHIN_MS,
    longestPauseMs: 5_000,
  };
}
