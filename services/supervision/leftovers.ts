import { readFile, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { identify, isRunning, type ProcessIdentity } from '../../processes/identity';
import { argumentsOf, folderOf, processIds } from '../../processes/proc-files';
import { commandLineOf } from '../../processes/ps';
import { endProcess } from '../../processes/signal';
import { findProcess } from '../../processes/table';
import { dataArguments } from '../postgres/cluster';
import type { ProgramName, ServicesState } from './state';

const GRACE_MS = 15_000;

/** For each program the arguments, one after the other, that only this home's has in its command line. */
export type Markers = Record<ProgramName, readonly string[]>;

/**
 * The processes that have `marker` in their command line, on Linux; elsewhere none. It finds what
 * a supervisor started in the instant before it was killed, too late to write it down.
 */
const findByMarker = (marker: readonly string[]): Promise<ProcessIdentity[]> =>
  findProcesses(async (pid) => {
    const words = await argumentsOf(pid);
    return words.some((_, at) => marker.every((word, index) => words[at + index] === word));
  });

async function findProcesses(isMeant: (pid: number) => Promise<boolean>): Promise<ProcessIdentity[]> {
  const found: ProcessIdentity[] = [];
  for (const pid of await processIds()) {
    if (pid === process.pid || !(await isMeant(pid))) continue;
    const identity = await identify(pid);
    if (identity) found.push(identity);
  }
  return found;
}

/** Ends what a killed supervisor left running, in the order in which things depend on each other. */
export async function endLeftovers(
  state: Pick<ServicesState, 'programs'> | null,
  markers: Markers,
  say: (line: string) => void,
): Promise<void> {
  for (const name of ['worker', 'temporal', 'postgres'] as const) {
    const recorded = (state?.programs ?? []).filter((program) => program.name === name);
    for (const identity of [...recorded, ...(await findByMarker(markers[name]))]) {
      if (!(await isRunning(identity))) continue;
      say(`ending the ${name} that an earlier run left behind (process ${identity.pid})`);
      // For PostgreSQL, SIGINT is the fast shutdown; SIGTERM would wait for its clients.
      await endProcess(identity, name === 'postgres' ? 'SIGINT' : 'SIGTERM', GRACE_MS);
    }
  }
}

/**
 * Makes way for a start: ends the server that postmaster.pid names, or removes the file when that process is provably
 * something else: PostgreSQL does not start while a process with the number in it is there.
 */
export async function clearPostmaster(dataDir: string, platform = process.platform): Promise<void> {
  const file = path.join(dataDir, 'postmaster.pid');
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
  const identity = Number.isInteger(pid) && pid > 0 ? await identify(pid) : null;
  if (identity) {
    const serves = await isServerOf(pid, dataDir, platform);
    if (serves) await endProcess(identity, 'SIGINT', GRACE_MS);
    else if (serves === false) await rm(file, { force: true });
  }
  await endBackends(dataDir);
}

/** Null: nobody can tell. */
async function isServerOf(pid: number, dataDir: string, platform: NodeJS.Platform): Promise<boolean | null> {
  if (platform === 'linux') {
    const words = await argumentsOf(pid);
    return words.length > 0 ? words.includes(dataDir) : null;
  }
  const line = await commandLineOf(pid);
  if (line.includes(dataArguments(dataDir).join(' '))) return true;
  // What it prints of a path with other letters is its own way to write them.
  return line === '' || line.includes('postgres') ? null : false;
}

/**
 * Ends what is left of a server whose first process has ended, on Linux: what is frozen does not see that, and keeps the
 * next one from starting.
 */
export async function endBackends(dataDir: string): Promise<void> {
  const folder = await realpath(dataDir).catch(() => dataDir);
  const left = await findProcesses(async (pid) => {
    if ((await folderOf(pid)) !== folder) return false;
    if (!(await argumentsOf(pid))[0]?.startsWith('postgres: ')) return false;
    // Another server may have been started meanwhile.
    const parent = await findProcess(pid);
    return parent === null || !(await argumentsOf(parent.ppid)).includes(dataDir);
  });
  await Promise.all(left.map((identity) => endProcess(identity, 'SIGKILL', 0)));
}
