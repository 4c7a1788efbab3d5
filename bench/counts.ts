import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { mkdtemp, rm } from 'node:fs/promises';
import { serviceStatus } from '../services';
import { epicWorkflowId, sessionWorkflowId } from '../workflows/messages';
import { countGit } from './support/git-count';
import { install, type Installation } from './support/installation';
import { chains, planOf } from './support/plans';
import { timeOfTree, timesOfWorker, type ProcessorTimes } from './support/processor-time';
import { countQueries } from './support/query-count';
import { newRepository } from './support/repository';
import { table, type Row } from './support/table';

const EPICS = Number(process.env.BENCH_EPICS ?? 20);
const LENGTH = 10;
const CONCURRENCY = 10;
const TASKS = EPICS * LENGTH;

/** What one no-op task costs, in things that can be counted: a busy machine does not change them. */
export async function run(say: (text: string) => void): Promise<void> {
  const rows: Row[] = [];
  const add = (what: string, count: number) => void rows.push({ what, 'for each task': count / TASKS });

  const folder = await mkdtemp(join(tmpdir(), 'yokeflow-count-'));
  try {
    const git = await countGit(folder);
    const queries = countQueries(folder);
    await withSession({ ...git.environment, ...queries.environment }, async (installation, session) => {
      await git.take();
      const before = await queries.total();
      await session();
      const commands = [...(await git.take())].sort((a, b) => b[1] - a[1]);
      add(
        'git processes',
        commands.reduce((sum, [, count]) => sum + count, 0),
      );
      for (const [name, count] of commands.slice(0, 15)) add(`of these ${name}`, count);
      add('SQL statements', (await queries.total()) - before);
      await countEvents(installation, add);
    });
    say(await queries.list(TASKS));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }

  // Once more, since counting git costs time itself.
  await withSession({}, async (installation, session) => {
    const before = await processorTimes(installation);
    const started = Date.now();
    await session();
    add('wall time, ms', Date.now() - started);
    for (const [name, ms] of await processorTimes(installation))
      add(`processor time, ms: ${name}`, ms - (before.get(name) ?? 0));
  });
  say(`\n${TASKS} no-op tasks in ${EPICS} epics, ${CONCURRENCY} at a time\n\n${table(rows)}`);
}

async function withSession(
  variables: Record<string, string>,
  work: (installation: Installation, session: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const installation = await install(variables);
  try {
    const repository = await newRepository(join(installation.folder, 'repository'));
    await installation.import(
      planOf('counts', chains(EPICS, LENGTH), () => 'true'),
      repository,
    );
    await work(installation, () =>
      installation.run({ project: 'counts', parallel: true, maxConcurrency: CONCURRENCY }),
    );
  } finally {
    await installation.close();
  }
}

async function countEvents({ client }: Installation, add: (what: string, count: number) => void) {
  const counts = new Map<string, number>();
  const ids = Array.from({ length: EPICS }, (_, at) => epicWorkflowId('counts', at + 1));
  for (const id of [sessionWorkflowId('counts'), ...ids]) {
    const { events } = await client.workflow.getHandle(id).fetchHistory();
    const whose = id === sessionWorkflowId('counts') ? 'session' : 'epics';
    const increase = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
    for (const event of events ?? []) {
      increase(`events, ${whose}`);
      if (event.workflowTaskCompletedEventAttributes) increase(`workflow tasks, ${whose}`);
      if (event.activityTaskScheduledEventAttributes) increase('activities');
    }
  }
  for (const [what, count] of counts) add(what, count);
}

async function processorTimes(installation: Installation): Promise<ProcessorTimes> {
  const { programs } = await serviceStatus({ ...process.env, YOKEFLOW_HOME: installation.folder });
  const times: ProcessorTimes = new Map();
  for (const { name, pid, running } of programs) {
    if (!running) continue;
    if (name === 'worker') for (const [part, ms] of await timesOfWorker(pid)) times.set(part, ms);
    else times.set(name, await timeOfTree(pid));
  }
  return times;
}
