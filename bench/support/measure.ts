import { availableParallelism, cpus, totalmem } from 'node:os';
import { readFile } from 'node:fs/promises';

export const median = (values: number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/**
 * Milliseconds of processor time that a function takes, garbage collection included: the median of some runs, after one
 * that does not count. On a quiet machine that is its wall time or more; on a busy one, it still says what it costs.
 */
export function medianTime(runs: number, work: () => unknown): number {
  work();
  const times = Array.from({ length: runs }, () => {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  return median(times);
}

export async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const start = performance.now();
  const result = await work();
  return { ms: performance.now() - start, result };
}

/** From 0 up to 1, the same for the same numbers (the finalizer of MurmurHash3). */
export function random(seed: number, n: number): number {
  let hash = (seed * 0x9e3779b1 + n) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** What else the machine was doing, since figures of a busy one say little. */
export async function machine(): Promise<string> {
  const load = (await readFile('/proc/loadavg', 'utf8').catch(() => '')).split(' ').slice(0, 1).join(' ');
  const kind = `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${kind}, load ${load || 'unknown'}`;
}
