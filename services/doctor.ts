import { mkdir, statfs } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { runCommand } from './command';
import { peekServices } from './ensure';
import { homePaths } from './home';
import { withConnection } from './postgres/connection';
import { readSettings, type Settings } from './settings';
import { findCli } from './temporal/resolve-cli';
import { whyTemporalUnusable } from './temporal/reachable';

export interface Check {
  name: string;
  /** 'warn': YokeFlow works, but something that some plans need does not. */
  ok: boolean | 'warn';
  detail: string;
  remedy?: string;
}

const MEBIBYTE = 1024 * 1024;
const LEAST_FREE_MIB = 1024;

function atLeast(version: string, ...least: number[]): boolean {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10));
  const differing = least.findIndex((value, index) => parts[index] !== value);
  return differing === -1 || (parts[differing] ?? 0) > least[differing]!;
}

async function node(): Promise<Check> {
  const ok = atLeast(process.versions.node, 20, 19);
  return { name: 'Node', ok, detail: process.versions.node, remedy: 'install Node 20.19 or later' };
}

async function git(): Promise<Check> {
  const { code, stdout } = await runCommand('git', ['--version']);
  const version = /\d+\.\d+[.\d]*/.exec(stdout)?.[0];
  if (code !== 0 || !version)
    return { name: 'git', ok: false, detail: 'not found', remedy: 'install git 2.38 or later' };
  return { name: 'git', ok: atLeast(version, 2, 38), detail: version, remedy: 'install git 2.38 or later' };
}

async function tool(name: string, command: string, args: string[], remedy: string): Promise<Check> {
  const { code, stdout } = await runCommand(command, args);
  if (code !== 0) return { name, ok: 'warn', detail: 'not found', remedy };
  return { name, ok: true, detail: stdout.split('\n')[0]!.trim() };
}

async function cli(env: NodeJS.ProcessEnv, settings: Settings): Promise<Check> {
  const name = 'Temporal CLI';
  const found = await findCli({ env, binDir: env.YOKEFLOW_BIN_DIR || homePaths(settings.home).bin });
  if (found) return { name, ok: true, detail: found };
  const ok = settings.temporal ? 'warn' : true;
  return { name, ok, detail: 'not here yet: fetched when it is needed', remedy: 'install the Temporal CLI' };
}

async function postgres(url: string | null): Promise<Check> {
  const name = 'PostgreSQL';
  if (url === null) return { name, ok: true, detail: 'embedded, not running', remedy: 'run `yokeflow up`' };
  try {
    return await withConnection(url, async (client) => {
      const version = await client.query<{ server_version: string }>('show server_version');
      const schema = await client.query<{ found: string | null }>(
        `select to_regclass('yokeflow.projects') found`,
      );
      const detail = `${version.rows[0]?.server_version}, ${schema.rows[0]?.found ? 'schema present' : 'schema not made yet'}`;
      return { name, ok: true, detail };
    });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { name, ok: false, detail, remedy: 'start it, or correct DATABASE_URL' };
  }
}

async function temporal(endpoint: Endpoint | null): Promise<Check> {
  const name = 'Temporal';
  if (!endpoint) return { name, ok: true, detail: 'embedded, not running', remedy: 'run `yokeflow up`' };
  const { address, namespace, connectConfig } = endpoint;
  const { apiKey, tls } = connectConfig.connectionOptions;
  const problem = await whyTemporalUnusable({ address, apiKey, tls }, namespace);
  const detail = `${address}, namespace ${namespace}`;
  if (problem === null) return { name, ok: true, detail };
  return {
    name,
    ok: false,
    detail: `${detail}: ${problem}`,
    remedy: 'start it, or correct TEMPORAL_ADDRESS',
  };
}

type Endpoint = NonNullable<Awaited<ReturnType<typeof peekServices>>>['temporal'];

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port, timeout: 1_000 });
    const answer = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket.on('connect', () => answer(true));
    socket.on('error', () => answer(false));
    socket.on('timeout', () => answer(false));
  });
}

async function ports(settings: Settings, running: boolean): Promise<Check> {
  const name = 'ports';
  const wanted = Object.values(settings.preferredPorts);
  if (running) return { name, ok: true, detail: 'in use by the services that run' };
  const taken = (await Promise.all(wanted.map(isTaken))).flatMap((is, index) => (is ? [wanted[index]] : []));
  if (taken.length === 0) return { name, ok: true, detail: `${wanted.join(', ')} are free` };
  const remedy =
    'nothing to do: other ports are used; or set YOKEFLOW_TEMPORAL_PORT, YOKEFLOW_UI_PORT, YOKEFLOW_POSTGRES_PORT';
  return { name, ok: 'warn', detail: `${taken.join(', ')} taken by another program`, remedy };
}

async function disk(settings: Settings): Promise<Check> {
  await mkdir(settings.home, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(settings.home);
  const free = Math.floor((bavail * bsize) / MEBIBYTE);
  const ok = free >= LEAST_FREE_MIB || 'warn';
  return { name: 'disk', ok, detail: `${free} MiB free at ${settings.home}`, remedy: 'free some space' };
}

/** Looks at everything that YokeFlow needs. Starts nothing. Throws SettingsError. */
export async function runChecks(env: NodeJS.ProcessEnv): Promise<Check[]> {
  const settings = readSettings(env);
  const endpoints = await peekServices(env);
  const checks = await Promise.all([
    node(),
    git(),
    tool('git-lfs', 'git', ['lfs', 'version'], 'install git-lfs for repositories that use it'),
    tool('bash', 'bash', ['--version'], 'install bash: agents run their commands in it'),
    cli(env, settings),
    postgres(endpoints?.databaseUrl ?? settings.databaseUrl),
    temporal(endpoints?.temporal ?? null),
    ports(settings, endpoints !== null),
    disk(settings),
  ]);
  return checks.map(({ remedy, ...check }) => (check.ok === true ? check : { ...check, remedy }));
}
