import { join } from 'node:path';
import { listVerifications } from '../db/landing/verifications';
import { install, type Installation } from './support/installation';
import { chains, planOf } from './support/plans';
import { newRepository } from './support/repository';
import { table, type Row } from './support/table';

const EPICS = Number(process.env.BENCH_EPICS ?? 10);
const VERIFY_SECONDS = 5;
/** The epic that is red, and how the verification finds out. */
const CULPRIT = 7;

interface Case {
  name: string;
  red: boolean;
  /** A session for each epic, one after the other: nothing to stack. */
  alone: boolean;
}

const CASES: Case[] = [
  { name: 'stacked', red: false, alone: false },
  { name: 'one at a time', red: false, alone: true },
  { name: 'stacked, one of them red', red: true, alone: false },
  { name: 'one at a time, one of them red', red: true, alone: true },
];

/** Epics of one task that are ready to land together: what verifying what they come to costs. */
export async function run(say: (text: string) => void): Promise<void> {
  const installation = await install();
  const rows: Row[] = [];
  try {
    for (const [at, one] of CASES.entries()) rows.push(await measure(installation, `landing-${at + 1}`, one));
  } finally {
    await installation.close();
  }
  say(`${EPICS} epics, verify takes ${VERIFY_SECONDS} s\n\n${table(rows)}`);
}

async function measure(
  installation: Installation,
  project: string,
  { name, red, alone }: Case,
): Promise<Row> {
  const repository = await newRepository(join(installation.folder, project));
  const check = red ? `; test ! -e made-${CULPRIT}` : '';
  const plan = planOf(project, chains(EPICS, 1), ({ id }) => `touch made-${id}`);
  // Each task by itself is good.
  for (const { tasks } of plan.epics) for (const task of tasks) task.verify = 'true';
  await installation.import({ ...plan, verify: `sleep ${VERIFY_SECONDS}${check}` }, repository);
  const sessions = alone ? plan.epics.map(({ id }) => [id]) : [plan.epics.map(({ id }) => id)];
  let [verifications, landed, seconds] = [0, 0, 0];
  for (const epics of sessions) {
    await installation
      .run({ project, parallel: true, maxConcurrency: 10, onConflict: 'fail', epics })
      .catch(() => undefined);
    const figures = await figuresOf(installation, project);
    verifications += figures.verifications;
    landed += figures.landed;
    seconds += figures.seconds;
  }
  return {
    'how they land': name,
    landed,
    verifications,
    'per landed epic': verifications / landed,
    'last task to end, s': seconds,
    'in verifications': seconds / VERIFY_SECONDS,
  };
}

async function figuresOf({ db }: Installation, project: string) {
  const { rows } = await db.query<{ id: number; landed: number; seconds: number }>(
    `select s.id,
       (select count(*)::int from yokeflow.events where session_id = s.id and type = 'epic_merged') as landed,
       (select extract(epoch from max(created_at) filter (where type = 'session_complete')
         - max(created_at) filter (where type = 'task_complete'))::float8
        from yokeflow.events where session_id = s.id) as seconds
     from yokeflow.sessions s join yokeflow.projects p on p.id = s.project_id
     where p.name = $1 order by s.id desc limit 1`,
    [project],
  );
  const { id, landed, seconds } = rows[0]!;
  return { landed, seconds, verifications: (await listVerifications(db, id)).length };
}
