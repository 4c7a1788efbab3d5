import { runCommand } from '../command';

/** The oldest CLI whose dev server and commands are known to work. */
export const OLDEST_CLI = '1.5';
const OLDEST_SERVER = '1.29';

function isAtLeast(version: string, oldest: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split('.').map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/**
 * Why the output of `temporal --version` is not that of a usable CLI; null when it is. A build by
 * `go install` calls itself 0.0.0-DEV, and is judged by the server in it.
 */
export function whyUnusable(output: string): string | null {
  const [, version, server] =
    /temporal version (\d+\.\d+\.\d+)\S*(?: \(Server (\d+\.\d+))?/.exec(output) ?? [];
  if (version === undefined) return 'is not the Temporal CLI';
  if (version === '0.0.0' && server !== undefined) {
    return isAtLeast(server, OLDEST_SERVER) ? null : `has server ${server}, older than ${OLDEST_SERVER}`;
  }
  return isAtLeast(version, OLDEST_CLI) ? null : `is ${version}, older than ${OLDEST_CLI}`;
}

const askVersion = (file: string) => runCommand(file, ['--version'], { timeoutMs: 20_000 });

/** `1.9`, say: what is in the database is the same for all of them. Null: it does not run. */
export async function versionOf(file: string): Promise<string | null> {
  const { stdout } = await askVersion(file);
  return /temporal version (\d+\.\d+)/.exec(stdout)?.[1] ?? null;
}

/** Runs `<file> --version`. Null when the file is a usable Temporal CLI, or else why not. */
export async function checkCli(file: string): Promise<string | null> {
  const result = await askVersion(file);
  if (result.code !== 0) return 'does not run';
  return whyUnusable(result.stdout);
}
