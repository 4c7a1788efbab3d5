import { join } from 'node:path';
import { measureFloor } from './floor';
import { install } from './support/installation';
import { machine, median, timed } from './support/measure';
import { chains, planOf } from './support/plans';
import { newRepository } from './support/repository';
import { table } from './support/table';

const EPICS = Number(process.env.BENCH_EPICS ?? 50);
const LENGTH = 10;
const CONCURRENCY = 10;
const RUNS = Number(process.env.BENCH_RUNS ?? 3);

const FLOORS = [
  { name: 'floor: bare activities', git: false, sql: false },
  { name: 'floor: activities and SQL', git: false, sql: true },
  { name: 'floor: activities, SQL and git', git: true, sql: true },
];

/** 500 no-op tasks in 50 epics, ten at a time: what a task costs when it does nothing. */
export async function run(say: (text: string) => void): Promise<void> {
  const installation = await install();
  const tasks = EPICS * LENGTH;
  const times = new Map<string, number[]>();
  const add = (name: string, ms: number) => times.set(name, [...(times.get(name) ?? []), ms / tasks]);
  try {
    // Floor and session by turns, since the machine may be busier with other things at one time than at another.
    for (let time = 1; time <= RUNS; time++) {
      const plans = FLOORS.map((parts) => ({
        ...parts,
        epics: EPICS,
        tasks: LENGTH,
        concurrency: CONCURRENCY,
      }));
      const floor = await measureFloor(installation, plans);
      floor.forEach((ms, at) => add(FLOORS[at]!.name, ms));
      const project = `overhead-${time}`;
      const repository = await newRepository(join(installation.folder, project));
      await installation.import(
        planOf(project, chains(EPICS, LENGTH), () => 'true'),
        repository,
      );
      const session = () => installation.run({ project, parallel: true, maxConcurrency: CONCURRENCY });
      add('yokeflow', (await timed(session)).ms);
      say(
        `run ${time}: ${[...times].map(([name, all]) => `${name} ${all.at(-1)!.toFixed(1)}`).join(', ')} (${await machine()})`,
      );
    }
  } finally {
    await installation.close();
  }
  const floor = median(times.get(FLOORS.at(-1)!.name)!);
  const rows = [...times].map(([what, all]) => ({
    what,
    'ms/task': median(all),
    least: Math.min(...all),
    most: Math.max(...all),
    'times the floor': median(all) / floor,
  }));
  say(`\n${tasks} tasks in ${EPICS} epics, ${CONCURRENCY} at a time, ${RUNS} runs\n\n${table(rows)}`);
}
