import { mkdir, statfs } from 'node:fs/promises';
import type { Check } from './check';
import { lastLine, runCommand } from './command';
import { checkAgents } from './doctor-agents';
import { checkGitFeatures } from './doctor-git';
import { checkServices } from './doctor-services';
import { serviceStatus } from './status';
import { homePaths } from './home';
import { readSettings, type Settings } from './settings';
import { findCli } from './temporal/resolve-cli';

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

async function git(env: NodeJS.ProcessEnv): Promise<Check> {
  const result = await runCommand('git', ['--version'], { env });
  const version = /\d+\.\d+[.\d]*/.exec(result.stdout)?.[0];
  if (result.code === null)
    return { name: 'git', ok: false, detail: 'not found', remedy: 'install git 2.38 or later' };
  // It reads its configuration first, and a mistake there ends it.
  if (result.code !== 0 || !version)
    return { name: 'git', ok: false, detail: lastLine(result), remedy: 'correct it; try: git --version' };
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
  const checks = await Promise.all([
    node(),
    git(env),
    checkGitFeatures(env),
    tool('git-lfs', 'git', ['lfs', 'version'], 'install git-lfs for repositories that use it'),
    tool('bash', 'bash', ['--version'], 'install bash: agents run their commands in it'),
    cli(env, settings),
    disk(settings),
  ]);
  const others = [
    ...(await checkServices(settings)),
    ...(await keptSettings(env)),
    ...(await checkAgents(env)),
  ];
  return [...checks, ...others].map(({ remedy, ...check }) =>
    check.ok === true ? check : { ...check, remedy },
  );
}

/** Not to be seen in this shell, and yet it has its effect. */
async function keptSettings(env: NodeJS.ProcessEnv): Promise<Check[]> {
  const { kept } = await serviceStatus(env);
  if (kept.length === 0) return [];
  const detail = `the worker keeps ${kept.join(', ')}, which is not set here`;
  return [{ name: 'settings', ok: 'warn', detail, remedy: 'to do without: `yokeflow down && yokeflow up`' }];
}
