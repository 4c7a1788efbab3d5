import { setTimeout as delay } from 'node:timers/promises';
import { identityNamed, isRunning } from '../../processes/identity';
import { processesNamed } from '../../processes/named';
import { argumentsOf, environmentOf, processIds } from '../../processes/proc-files';
import { send } from '../../processes/signal';
import { OWNER_VARIABLE } from './environment';
import { ORPHANS_END_WITHIN_MS } from './time-limits';

const isIn = (folder: string, path: string): boolean => path === folder || path.startsWith(`${folder}/`);

async function ownerOf(pid: number): Promise<string | undefined> {
  const prefix = `${OWNER_VARIABLE}=`;
  const variable = (await environmentOf(pid)).find((one) => one.startsWith(prefix));
  return variable?.slice(prefix.length);
}

/** Git processes on this repository whose worker is dead; found by a mark in their environment (Linux only). */
async function orphans(gitDir: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await processIds()) {
    const owner = await ownerOf(pid);
    if (owner === undefined || (await isRunning(identityNamed(owner)))) continue;
    if ((await argumentsOf(pid)).some((word) => isIn(gitDir, word))) found.push(pid);
  }
  return found;
}

/**
 * Waits until git processes that a killed worker left behind on this repository have finished, and ends those
 * that have not after five seconds: until then their locks are not stale.
 */
export async function settleOrphans(gitDir: string): Promise<void> {
  const deadline = Date.now() + ORPHANS_END_WITHIN_MS;
  for (let left = await orphans(gitDir); left.length > 0; left = await orphans(gitDir)) {
    if (Date.now() > deadline) for (const pid of left) send(pid, 'SIGKILL');
    await delay(50);
  }
}

/** True when some git process works in one of these folders, or may do so. */
export async function gitRunsIn(folders: string[], platform = process.platform): Promise<boolean> {
  const found = await processesNamed('git', platform);
  return found.some(({ folder }) => folder === null || folders.some((one) => isIn(one, folder)));
}
