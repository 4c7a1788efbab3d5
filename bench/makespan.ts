import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SchedulingMode } from '../domain/model';
import { install, type Installation } from './support/installation';
import { planOfLockFile } from './support/lock-file-plan';
import { timed } from './support/measure';
import { planOf } from './support/plans';
import { newRepository } from './support/repository';
import { lowerBound, simulate } from './support/simulation';
import { table, type Row } from './support/table';

const LOCK_FILE = join(__dirname, '../../package-lock.json');

/** Packages of our own lock file, each with its dependencies; how many epics they are spread over. */
const PLANS = [
  { name: 'dependency-cruiser', epics: 8, seed: 1 },
  { name: 'eslint', epics: 12, seed: 2 },
  { name: 'jest', epics: 24, seed: 3 },
];
/** `BENCH_PLAN=jest` runs that one alone. */
const chosen = PLANS.filter(({ name }) => name === (process.env.BENCH_PLAN ?? name));
/** Seconds. `BENCH_LONGEST=10` is nearer to what agents take, and takes twice as long. */
const LENGTHS = { shortest: 1, longest: Number(process.env.BENCH_LONGEST ?? 4) };
const CONCURRENCIES = [3, 5, 10];
const MODES: SchedulingMode[] = ['dependencies', 'batches'];

/** The first session of a worker takes some 0.2 s longer, which `start-up` and `latency` show. */
async function warmUp(installation: Installation): Promise<void> {
  const task = { priority: 100, seconds: 0 };
  const tasks = [
    { ...task, id: 1, epic: 1, dependsOn: [] },
    { ...task, id: 2, epic: 2, dependsOn: [1] },
  ];
  const repository = await newRepository(join(installation.folder, 'warm-up'));
  await installation.import(
    planOf('warm-up', tasks, () => 'true'),
    repository,
  );
  await installation.run({ project: 'warm-up', parallel: true });
}

/** Sessions of real shape, whose tasks sleep: wall time beside what the same rules need without any overhead. */
export async function run(say: (text: string) => void): Promise<void> {
  const lockFile = JSON.parse(await readFile(LOCK_FILE, 'utf8')) as Parameters<typeof planOfLockFile>[0];
  const installation = await install();
  const rows: Row[] = [];
  try {
    await warmUp(installation);
    for (const { name, epics, seed } of chosen) {
      const tasks = planOfLockFile(lockFile, { roots: [name], epics, seed, ...LENGTHS });
      for (const concurrency of CONCURRENCIES) {
        for (const scheduling of MODES) {
          const project = `${name}-${concurrency}-${scheduling}`;
          const repository = await newRepository(join(installation.folder, project));
          await installation.import(
            planOf(project, tasks, ({ seconds }) => `sleep ${seconds}`),
            repository,
          );
          const input = { project, parallel: true, maxConcurrency: concurrency, scheduling };
          const seconds = (await timed(() => installation.run(input))).ms / 1000;
          const simulated = simulate(tasks, { concurrency, scheduling }).seconds;
          const over = `${(100 * (seconds / simulated - 1)).toFixed(1)}%`;
          say(`${project}: ${over} over the simulation`);
          rows.push({
            plan: `${name}, ${tasks.length} tasks, ${epics} epics`,
            'at once': concurrency,
            scheduling,
            seconds,
            'over simulation': over,
            'over lower bound': `${(100 * (seconds / lowerBound(tasks, concurrency) - 1)).toFixed(1)}%`,
          });
        }
        const [eager, batches] = rows.slice(-2).map((row) => Number(row.seconds));
        say(
          `${name}, ${concurrency} at once: dependencies take ${((100 * eager!) / batches!).toFixed(0)}% of batches`,
        );
      }
    }
  } finally {
    await installation.close();
  }
  say(`\nTasks of ${LENGTHS.shortest} to ${LENGTHS.longest} s\n\n${table(rows)}`);
}
