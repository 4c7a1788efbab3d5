import { random } from './measure';
import type { TimedTask } from './simulation';

interface LockFile {
  packages: Record<string, { dependencies?: Record<string, string> } | undefined>;
}

const PREFIX = 'node_modules/';

/**
 * A plan in the shape of real software: some packages of a lock file with all that they depend on; a task waits for
 * the packages that its own one depends on. Epics are neighbours in the order of the file. Cycles lose an edge.
 */
export function planOfLockFile(
  file: LockFile,
  {
    roots,
    epics,
    seed,
    shortest,
    longest,
  }: { roots: string[]; epics: number; seed: number; shortest: number; longest: number },
): TimedTask[] {
  const needs = (name: string) =>
    Object.keys(file.packages[PREFIX + name]?.dependencies ?? {}).filter(
      (other) => file.packages[PREFIX + other],
    );
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    needs(name).forEach(visit);
    order.push(name);
  };
  roots.forEach(visit);
  const numbers = new Map(order.map((name, at) => [name, at + 1]));
  return order.map((name, at) => ({
    id: at + 1,
    epic: Math.floor((at * epics) / order.length) + 1,
    priority: 100,
    dependsOn: needs(name)
      .map((other) => numbers.get(other)!)
      .filter((other) => other < at + 1),
    // More short ones than long ones.
    seconds: Math.round(10 * (shortest + (longest - shortest) * random(seed, at) ** 3)) / 10,
  }));
}
