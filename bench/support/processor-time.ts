import { readdir, readFile } from 'node:fs/promises';

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;

interface Stat {
  name: string;
  parent: number;
  /** Its own, and that of its children which have ended. */
  ms: number;
  ownMs: number;
}

async function statOf(path: string): Promise<Stat | null> {
  const text = await readFile(`${path}/stat`, 'utf8').catch(() => null);
  if (text === null) return null;
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  // See proc(5): parent, then utime, stime, cutime, cstime.
  const [parent, ...times] = [fields[1], ...fields.slice(11, 15)].map(Number) as [number, ...number[]];
  const [user = 0, system = 0, children = 0, childrenSystem = 0] = times;
  const ownMs = (user + system) * TICK_MS;
  return {
    name: text.slice(text.indexOf('(') + 1, end),
    parent,
    ownMs,
    ms: ownMs + (children + childrenSystem) * TICK_MS,
  };
}

const numbers = async (folder: string) => (await readdir(folder)).filter((name) => /^\d+$/.test(name));

/** The processor time so far of a program with all that it started, in milliseconds, by what it went into. */
export type ProcessorTimes = Map<string, number>;

/** Of a process with its living descendants, and those that have ended. */
export async function timeOfTree(root: number): Promise<number> {
  const all = new Map<number, Stat>();
  for (const pid of await numbers('/proc')) {
    const stat = await statOf(`/proc/${pid}`);
    if (stat) all.set(Number(pid), stat);
  }
  const belongs = (pid: number): boolean => pid === root || (all.has(pid) && belongs(all.get(pid)!.parent));
  return [...all].reduce((sum, [pid, { ms }]) => sum + (belongs(pid) ? ms : 0), 0);
}

/**
 * Of a Node process: its main thread, each of its busier other threads (the one that runs workflows is a second `node`),
 * and what its children took.
 */
export async function timesOfWorker(pid: number): Promise<ProcessorTimes> {
  const times: ProcessorTimes = new Map();
  const add = (name: string, ms: number) => times.set(name, (times.get(name) ?? 0) + ms);
  for (const thread of await numbers(`/proc/${pid}/task`)) {
    const stat = await statOf(`/proc/${pid}/task/${thread}`);
    if (stat)
      add(Number(thread) === pid ? 'worker, main thread' : `worker, ${threadKind(stat.name)}`, stat.ownMs);
  }
  const own = await statOf(`/proc/${pid}`);
  add('commands and git', (await timeOfTree(pid)) - (own?.ownMs ?? 0));
  return times;
}

function threadKind(name: string): string {
  if (name.startsWith('tokio') || name.startsWith('core-')) return "Temporal's core";
  return name === 'node' ? 'other threads of Node' : `thread ${name}`;
}
