import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { isAlive } from './start-lock.mjs';

/** What is built, and what was there before, until the two are exchanged. */
export const freshIn = (cache) => path.join(cache, `dist-${process.pid}`);
export const oldOf = (fresh) => `${fresh}-old`;

/** Removes what builds that were killed have left. */
export async function removeLeftovers(cache) {
  for (const name of await readdir(cache).catch(() => [])) {
    const [, pid] = /^dist-(\d+)(?:-old)?$/.exec(name) ?? [];
    if (pid && !isAlive(Number(pid))) await rm(path.join(cache, name), { recursive: true, force: true });
  }
}
