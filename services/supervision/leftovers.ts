import { readFile, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { identify, isRunning, type ProcessIdentity } from '../../processes/identity';
import { argumentsOf, folderOf, processIds } from '../../processes/proc-files';
import { endProcess } from '../../processes/signal';
import { findProcess } from '../../processes/table';
import type { ServicesState } from './state';

const GRACE_MS = 15_000;

/**
 * The processes that have `marker` among their arguments, on Linux; elsewhere none. It finds what
 * a supervisor started in the instant before it was killed, too late to write it down.
 */
const findByMarker = (marker: string): Promise<ProcessIdentity[]> =>
  findProcesses(async (pid) => (await argumentsOf(pid)).includes(marker));

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
  markers: { worker: string; temporal: string; postgres: string },
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
export async function clearPostmaster(dataDir: string): Promise<void> {
  const file = path.join(dataDir, 'postmaster.pid');
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
  const identity = Number.isInteger(pid) && pid > 0 ? await identify(pid) : null;
  if (identity) {
    const command = await argumentsOf(pid);
    if (command.includes(dataDir)) await endProcess(identity, 'SIGINT', GRACE_MS);
    else if (command.length > 0) await rm(file, { force: true });
  }
  await endBackends(dataDir);
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
