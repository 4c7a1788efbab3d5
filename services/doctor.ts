import type { Check } from './check';
import { lastLine, runCommand } from './command';
import { checkAgents } from './doctor-agents';
import { checkGitFeatures } from './doctor-git';
import { checkServices } from './doctor-services';
import { serviceStatus, type WorkerSettings } from './status';
import { ServicesError } from './errors';
import { freeMibAt } from './free-space';
import { homePaths, makeHomeFolder } from './home';
import { readSettings, type Settings } from './settings';
import { otherMaker } from './temporal/maker';
import { findCli } from './temporal/resolve-cli';

const LEAST_FREE_MIB = 1024;
/** With less, PostgreSQL and Temporal cannot write on: sessions stand still. */
const NEEDED_FREE_MIB = 50;

function atLeast(version: string, ...least: number[]): boolean {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10));
  const differing = least.findIndex((value, index) => parts[index] !== value);
  return differing === -1 || (parts[differing] ?? 0) > least[differing]!;
}

async function node(): Promise<Check> {
  const status = atLeast(process.versions.node, 20, 19) ? 'ok' : 'fail';
  return { name: 'Node', status, detail: process.versions.node, remedy: 'install Node 20.19 or later' };
}

async function git(env: NodeJS.ProcessEnv): Promise<Check> {
  const result = await runCommand('git', ['--version'], { env });
  const version = /\d+\.\d+[.\d]*/.exec(result.stdout)?.[0];
  if (result.code === null)
    return { name: 'git', status: 'fail', detail: 'not found', remedy: 'install git 2.38 or later' };
  // It reads its configuration first, and a mistake there ends it.
  if (result.code !== 0 || !version)
    return {
      name: 'git',
      status: 'fail',
      detail: lastLine(result),
      remedy: 'correct it; try: git --version',
    };
  const status = atLeast(version, 2, 38) ? 'ok' : 'fail';
  return { name: 'git', status, detail: version, remedy: 'install git 2.38 or later' };
}

async function tool(name: string, command: string, args: string[], remedy: string): Promise<Check> {
  const { code, stdout } = await runCommand(command, args);
  if (code !== 0) return { name, status: 'warn', detail: 'not found', remedy };
  return { name, status: 'ok', detail: stdout.split('\n')[0]!.trim() };
}

async function gh(env: NodeJS.ProcessEnv): Promise<Check> {
  const name = 'gh';
  const { code, stdout } = await runCommand('gh', ['--version'], { env });
  const install = 'only for pull requests: install it from https://cli.github.com';
  if (code !== 0) return { name, status: 'warn', detail: 'not found', remedy: install };
  const version = stdout.split('\n')[0]!.trim();
  const login = await runCommand('gh', ['auth', 'status'], { env });
  if (login.code === 0) return { name, status: 'ok', detail: `${version}, logged in` };
  const remedy = 'only for pull requests: gh auth login';
  return { name, status: 'warn', detail: `${version}, not logged in`, remedy };
}

async function cli(env: NodeJS.ProcessEnv, settings: Settings): Promise<Check> {
  const name = 'Temporal CLI';
  const { bin, temporalDb } = homePaths(settings.home);
  const found = await findCli({ env, binDir: env.YOKEFLOW_BIN_DIR || bin });
  const other = found && !settings.temporal ? await otherMaker(temporalDb, found) : null;
  if (other) return { name, status: 'warn', detail: other.problem, remedy: other.remedy };
  if (found) return { name, status: 'ok', detail: found };
  const status = settings.temporal ? 'warn' : 'ok';
  const detail = 'not here yet: fetched when it is needed';
  return { name, status, detail, remedy: 'install the Temporal CLI' };
}

async function disk(settings: Settings): Promise<Check> {
  try {
    await makeHomeFolder(settings.home);
  } catch (error) {
    if (!(error instanceof ServicesError)) throw error;
    return { name: 'disk', status: 'fail', detail: error.problem, remedy: error.remedy };
  }
  return diskCheck(await freeMibAt(settings.home), settings.home);
}

export function diskCheck(freeMib: number, home: string): Check {
  const status = freeMib >= LEAST_FREE_MIB ? 'ok' : freeMib >= NEEDED_FREE_MIB ? 'warn' : 'fail';
  return { name: 'disk', status, detail: `${freeMib} MiB free at ${home}`, remedy: 'free some space' };
}

/** Looks at everything that YokeFlow needs. Starts nothing. Throws SettingsError. */
export async function runChecks(env: NodeJS.ProcessEnv): Promise<Check[]> {
  const settings = readSettings(env);
  const checks = await Promise.all([
    node(),
    git(env),
    checkGitFeatures(env),
    tool('git-lfs', 'git', ['lfs', 'version'], 'install git-lfs for repositories that use it'),
    gh(env),
    tool('bash', 'bash', ['--version'], 'install bash: agents run their commands in it'),
    cli(env, settings),
    disk(settings),
  ]);
  const { worker } = await serviceStatus(env);
  const others = [
    ...(await checkServices(settings)),
    ...keptSettings(worker),
    ...(await checkAgents(env, worker)),
  ];
  return [...checks, ...others].map(({ remedy, ...check }) =>
    check.status === 'ok' ? check : { ...check, remedy },
  );
}

/** Not to be seen in this shell, and yet it has its effect. */
function keptSettings(worker: WorkerSettings | null): Check[] {
  const kept = worker?.kept ?? [];
  if (kept.length === 0) return [];
  const detail = `the worker keeps ${kept.join(', ')}, which is not set here`;
  return [
    { name: 'settings', status: 'warn', detail, remedy: 'to do without: `yokeflow down && yokeflow up`' },
  ];
}
