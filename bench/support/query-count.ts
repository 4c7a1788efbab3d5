import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Counts the statements that a worker sends to PostgreSQL. */
export interface QueryCount {
  environment: { NODE_OPTIONS: string; BENCH_QUERIES: string };
  total(): Promise<number>;
  /** The most frequent ones, for each of so many tasks. */
  list(tasks: number): Promise<string>;
}

/** Not compiled: Node loads it into the worker before anything else. */
const PRELOAD = join(__dirname, '../../../bench/support/count-queries.cjs');
const WRITTEN_EVERY_MS = 500;
const LISTED = 60;

export function countQueries(folder: string): QueryCount {
  const file = join(folder, 'queries.json');
  const counts = async () =>
    JSON.parse(await readFile(file, 'utf8').catch(() => '[]')) as [statement: string, count: number][];
  return {
    environment: { NODE_OPTIONS: `--require=${PRELOAD}`, BENCH_QUERIES: file },
    async total() {
      await sleep(2 * WRITTEN_EVERY_MS);
      return (await counts()).reduce((sum, [, count]) => sum + count, 0);
    },
    async list(tasks) {
      const all = (await counts()).sort((a, b) => b[1] - a[1]).slice(0, LISTED);
      return all
        .map(([statement, count]) => `${(count / tasks).toFixed(2).padStart(6)}  ${statement}`)
        .join('\n');
    },
  };
}
