import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { install, type Installation } from './support/installation';
import { median } from './support/measure';
import { startModel, type BenchModel } from './support/model';
import { git, newRepository } from './support/repository';
import { table } from './support/table';

const RUNS = Number(process.env.BENCH_RUNS ?? 3);
const TURNS = 20;
/** Long enough for the worker to be ended in the middle of it. */
const COMMAND = 'sleep 1; date >> log.txt';
/** The worker is ended while it works on this turn. */
const ENDED_IN = 4;

interface Recovery {
  seconds: number;
  /** Turns that the model was asked for more than once. */
  repeated: number;
}

/** The worker ends, or is ended, in the middle of an agent's work: how long until the next turn, and what is paid twice? */
export async function run(say: (text: string) => void): Promise<void> {
  const model = await startModel({ turns: TURNS, command: COMMAND });
  const place = await install(model.environment);
  try {
    const rows = [];
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const runs: Recovery[] = [];
      for (let n = 0; n < RUNS; n++) runs.push(await recover(place, model, signal));
      rows.push({
        signal,
        runs: RUNS,
        'next turn after, s (median)': median(runs.map(({ seconds }) => seconds)),
        'slowest, s': Math.max(...runs.map(({ seconds }) => seconds)),
        'turns asked for twice': runs.reduce((sum, { repeated }) => sum + repeated, 0),
      });
    }
    say(table(rows));
  } finally {
    await place.close();
    await model.close();
  }
}

let projects = 0;

async function recover(place: Installation, model: BenchModel, signal: NodeJS.Signals): Promise<Recovery> {
  const project = `recovery-${++projects}`;
  const path = await newRepository(join(place.folder, project));
  const task = { id: 1, description: 'Keep a log', action: 'Write log.txt', priority: 1, dependsOn: [] };
  await place.import({ project, epics: [{ id: 1, name: 'Log', tasks: [task] }] }, path);
  model.asked.length = 0;
  const session = place.run({ project, parallel: true, agent: 'claude', model: 'haiku' });
  while (!model.asked.some(({ turn }) => turn === ENDED_IN)) await sleep(20);
  await sleep(300);
  const ended = Date.now();
  process.kill(await place.workerPid(), signal);
  const { status } = await session;
  const lines = (await git(path, 'show', 'main:log.txt')).split('\n').length;
  if (status !== 'complete' || lines < TURNS - 1) throw new Error(`${project}: ${status}, ${lines} lines`);
  const next = model.asked.find(({ at }) => at > ended);
  if (!next) throw new Error(`${project}: no turn after ${signal}`);
  const turns = new Set(model.asked.map(({ turn }) => turn));
  return { seconds: (next.at - ended) / 1000, repeated: model.asked.length - turns.size };
}
