import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { epicWorkflowId, sessionWorkflowId } from '../workflows/messages';
import { install, type Installation } from './support/installation';
import { median } from './support/measure';
import { milestonesOf, type Milestones } from './support/milestones';
import { planOf } from './support/plans';
import { newRepository } from './support/repository';
import type { TimedTask } from './support/simulation';
import { table, type Row } from './support/table';

const EPICS = 4;
const TASKS = Number(process.env.BENCH_TASKS ?? 24);
const RUNS = Number(process.env.BENCH_RUNS ?? 3);
const SECONDS = 0.3;

/** One task after the other: each in its epic alone, or each after one of another epic. */
const SHAPES = [
  { name: 'one-epic', epicOf: () => 1, epics: 1 },
  { name: 'to-and-fro', epicOf: (index: number) => (index % EPICS) + 1, epics: EPICS },
];

type Stage = [what: string, from: keyof Milestones, to: keyof Milestones];
const STAGES: Stage[] = [
  ['its command ended, to the activity recorded as complete', 'commandEnded', 'completed'],
  ['to the signal that the epic sends', 'completed', 'reported'],
  ['to its arrival at the session', 'reported', 'heard'],
  ["to the session's order", 'heard', 'ordered'],
  ['to its arrival at the next epic', 'ordered', 'received'],
  ["to the next task's activity", 'received', 'scheduled'],
  ['to its start in the worker', 'scheduled', 'started'],
  ['to its command', 'started', 'commandBegan'],
];

/** What lies between the end of one task's command and the start of that of the task which waits for it. */
export async function run(say: (text: string) => void): Promise<void> {
  const installation = await install();
  try {
    for (const { name, epicOf, epics } of SHAPES) {
      const runs: Milestones[][] = [];
      const firsts: number[] = [];
      const ends: number[] = [];
      for (let number = 0; number < RUNS; number++) {
        const project = `${name}-${number}`;
        const log = join(installation.folder, `${project}.log`);
        const tasks: TimedTask[] = Array.from({ length: TASKS }, (_, index) => ({
          id: index + 1,
          epic: epicOf(index),
          priority: 100,
          dependsOn: index === 0 ? [] : [index],
          seconds: SECONDS,
        }));
        const action = ({ id, seconds }: TimedTask) =>
          `echo "${id} $(date +%s%3N)" >> ${log}; sleep ${seconds}; echo "${id} $(date +%s%3N)" >> ${log}`;
        const repository = await newRepository(join(installation.folder, project));
        await installation.import(planOf(project, tasks, action), repository);
        const began = Date.now();
        await installation.run({ project, parallel: true, maxConcurrency: EPICS });
        const ended = Date.now();
        const milestones = await traced(installation, project, epics, log);
        runs.push(milestones);
        firsts.push(milestones[0]!.commandBegan! - began);
        ends.push(ended - milestones.at(-1)!.commandEnded!);
      }
      // The first task of an epic has a worktree made for it.
      say(
        `\n${name}: ${TASKS} tasks in ${epics} epics, median of ${RUNS} runs\n\n${table(stages(runs, epics))}`,
      );
      say(`\nbefore the first command ${median(firsts)} ms, after the last one ${median(ends)} ms`);
    }
  } finally {
    await installation.close();
  }
}

function stages(runs: Milestones[][], epics: number): Row[] {
  const all = runs.flatMap((tasks) =>
    tasks.slice(0, -1).map((before, at) => ({ at, ...before, ...next(tasks[at + 1]!) })),
  );
  const spans = (from: keyof Milestones, to: keyof Milestones, first: boolean) =>
    all
      .filter(({ at }) => at + 1 < epics === first)
      .flatMap((one) => (one[from] === undefined || one[to] === undefined ? [] : [one[to] - one[from]]));
  const row = (what: string, from: keyof Milestones, to: keyof Milestones): Row => ({
    'from one command to the next, ms': what,
    'later tasks': shown(spans(from, to, false)),
    "an epic's first": shown(spans(from, to, true)),
  });
  return [
    ...STAGES.map(([what, from, to]) => row(what, from, to)),
    row('all', 'commandEnded', 'commandBegan'),
  ];
}

const shown = (values: number[]): string => (values.length ? median(values).toFixed(1) : '');

/** What belongs to the task that waits. */
const next = ({ received, scheduled, started, commandBegan, ordered }: Milestones) => ({
  ordered,
  received,
  scheduled,
  started,
  commandBegan,
});

async function traced(
  { client }: Installation,
  project: string,
  epics: number,
  log: string,
): Promise<Milestones[]> {
  const history = async (id: string) => (await client.workflow.getHandle(id).fetchHistory()).events ?? [];
  const lanes = await Promise.all(
    Array.from({ length: epics }, (_, at) => history(epicWorkflowId(project, at + 1))),
  );
  const commands = (await readFile(log, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  return milestonesOf(await history(sessionWorkflowId(project)), lanes, commands as [number, number][]);
}
