import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { median } from './support/measure';
import { newRepository } from './support/repository';
import { table } from './support/table';

const CLI = join(__dirname, '../client/main.js');
const WARM_RUNS = 5;

const PLAN = (project: string) => `project: ${project}
epics:
  - name: One
    tasks:
      - { description: Nothing, agent: script, action: 'true' }
`;

interface Times {
  started: number;
  ended: number;
}

/** The command as somebody types it; milliseconds until it printed that the task started, and until it ended. */
async function yokeflow(env: NodeJS.ProcessEnv, ...args: string[]): Promise<Times> {
  const start = performance.now();
  const child = spawn(process.execPath, [CLI, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let started = Number.NaN;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('"task_started"')) started = performance.now() - start;
  }
  const [code] = (await exited) as [number | null];
  if (code !== 0) throw new Error(`yokeflow ${args.join(' ')} ended with exit code ${code}`);
  return { started, ended: performance.now() - start };
}

/** From `yokeflow run` to the first task: with nothing there yet, with services stopped, with services running. */
export async function run(say: (text: string) => void): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'yokeflow-bench-'));
  const env = { ...process.env, YOKEFLOW_HOME: home };
  let projects = 0;
  const once = async (): Promise<Times> => {
    const project = `start-${++projects}`;
    const plan = join(home, `${project}.yaml`);
    await writeFile(plan, PLAN(project));
    const repository = await newRepository(join(home, project));
    // Importing needs PostgreSQL, and so starts what is not there: it belongs to the start.
    const imported = await yokeflow(env, 'plan', 'import', plan, '--repo', repository);
    const ran = await yokeflow(env, 'run', '--project', project, '--json');
    return { started: imported.ended + ran.started, ended: imported.ended + ran.ended };
  };
  try {
    const first = await once();
    await yokeflow(env, 'down');
    const cold = await once();
    const warm: Times[] = [];
    for (let time = 0; time < WARM_RUNS; time++) warm.push(await once());
    const row = (what: string, { started, ended }: Times) => ({
      what,
      'first task started, s': started / 1000,
      'command ended, s': ended / 1000,
    });
    const middle = (key: keyof Times) => median(warm.map((times) => times[key]));
    say(
      table([
        row('new home: databases are made', first),
        row('services stopped', cold),
        row(`services running (median of ${WARM_RUNS})`, {
          started: middle('started'),
          ended: middle('ended'),
        }),
      ]),
    );
    say('\nPlan import and run, each a command of its own.');
  } finally {
    await yokeflow(env, 'down');
    await rm(home, { recursive: true, force: true });
  }
}
