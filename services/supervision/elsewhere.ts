import { readlink, stat, utimes } from 'node:fs/promises';
import os from 'node:os';
import { ServicesError } from '../errors';
import { isRunning } from '../../processes/identity';
import { waitUntil } from '../wait';
import { readState } from './state';

const BEAT_MS = 5_000;
/** Two beats, and what a network file system keeps of an answer. */
const WATCH_MS = 12_000;

/** The machine, and the container in it, in which a process id means anything. */
export async function thisPlace(): Promise<string> {
  const processes = await readlink('/proc/self/ns/pid').catch(() => '');
  return `${os.hostname()} ${processes}`.trim();
}

/** Shows that this supervisor lives to those who share its home, and cannot see its process. Returns what ends that. */
export function beat(file: string, everyMs = BEAT_MS): () => void {
  const touch = () => void utimes(file, new Date(), new Date()).catch(() => undefined);
  const timer = setInterval(touch, everyMs);
  return () => clearInterval(timer);
}

/**
 * A home may be on a network file system, or in several containers. Nothing in it may be touched while a supervisor of
 * another machine or container has it: a second PostgreSQL on the same data would destroy them.
 *
 * @param file the home's services.json
 * @throws ServicesError when there is one, found by what it does within `watchMs`
 */
export async function requireNotElsewhere(
  home: string,
  file: string,
  say: (line: string) => void,
  watchMs = WATCH_MS,
): Promise<void> {
  const state = await readState(file);
  if (!state || state.phase === 'failed' || [null, await thisPlace()].includes(state.place)) return;
  if (await isRunning(state.supervisor)) return;
  const there = state.place!.split(' ')[0]!;
  say(`the services of ${home} ran on ${there} last: looking whether they still do`);
  const beatAt = () => stat(file).then(({ mtimeMs }) => mtimeMs);
  const last = await beatAt().catch(() => null);
  const hasBeaten = () => beatAt().then((now) => now !== last);
  if (last === null || !(await waitUntil(() => hasBeaten().catch(() => false), watchMs, 250))) return;
  throw new ServicesError(
    `The services of ${home} run on ${there}, another machine or container`,
    `use them there, stop them there with \`yokeflow down\`, or set YOKEFLOW_HOME to a folder of this one's own`,
  );
}
