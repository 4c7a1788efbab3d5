import { execFile } from 'node:child_process';
import { createGh } from '../../../hosting/gh';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createActivities } from '../../../activities';
import { createRedactor } from '../../../agents/contract/redact';
import { createAgents } from '../../../agents/registry';
import type { ScheduleView } from '../../../client/schedule/schedules';
import { waitUntil } from '../../../services/wait';
import { newRepository, removeTemporaryFolders, write } from '../../support/git-repository';
import { planOf } from '../../support/plans';
import { testTemporalCli } from '../../support/services';
import { projectName, startSystem, type System } from '../../support/system';
import { startTestTemporal } from '../../support/test-temporal';
import { cli, endpointsOf, type Captured } from '../captured-cli';

let temporal: { address: string; stop(): Promise<void> };
let system: System;
const run = (...argv: string[]): Promise<Captured> =>
  cli(['schedule', ...argv], endpointsOf(system.databaseUrl, temporal.address));

beforeAll(async () => {
  // A server of its own: the schedules' workflows go to the one task queue that plain commands name. It knows no search
  // attributes, as somebody's own may not.
  temporal = await startTestTemporal(testTemporalCli(), { searchAttributes: false });
  system = await startSystem({ ownTemporal: temporal });
  const environment = process.env;
  const redact = createRedactor([]);
  const agents = createAgents({ environment, stateDirectory: system.folder, redact });
  const outputs = join(system.folder, 'outputs');
  await system.temporal.startWorker(
    createActivities({ db: system.db, agents, environment, gh: createGh(environment), redact, outputs }),
  );
});
afterAll(async () => {
  await system.close();
  await temporal.stop();
  await removeTemporaryFolders();
});

async function givenProject(action: string): Promise<string> {
  const project = projectName();
  const { path } = await newRepository();
  await system.import(planOf(project, [{ id: 1, epic: 1, action }]), path);
  return project;
}

const views = async (project: string): Promise<ScheduleView[]> =>
  JSON.parse((await run('list', '--project', project, '--json')).stdout) as ScheduleView[];

/** Makes a schedule. Temporal lists it a moment later. */
async function create(project: string, ...options: string[]): Promise<Captured> {
  const before = (await views(project)).length;
  const created = await run('create', '--project', project, ...options);
  expect(created).toMatchObject({ code: 0 });
  expect(await waitUntil(async () => (await views(project)).length > before, 30_000)).toBe(true);
  return created;
}

/** The latest run of the project's schedule, once it has ended. */
async function afterTrigger(project: string): Promise<string> {
  const before = (await views(project))[0]!.runs[0]?.runId;
  expect(await run('trigger', '--project', project)).toMatchObject({ code: 0 });
  for (;;) {
    const latest = (await views(project))[0]!.runs[0];
    if (latest && latest.runId !== before && latest.kind !== 'running')
      return `${latest.kind}: ${latest.text}`;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test.each(['0 2 * * *', '*/15 9-17 * * 1-5', '30 1,13 1 1-6 0', '@every 1h', '@every 90m/15m', '@every 40s'])(
  'shows the cron expression %s',
  async (cron) => {
    const project = await givenProject('true');
    await create(project, '--cron', cron);
    expect((await views(project))[0]!.cron).toBe(cron);
  },
);

test('times that never come are refused, and leave no schedule', async () => {
  const project = await givenProject('true');
  const never = await run('create', '--project', project, '--cron', '0 2 31 2 *');
  expect(never).toMatchObject({
    ...{ code: 2, stdout: '' },
    stderr: 'yokeflow: --cron: "0 2 31 2 *" names no time that ever comes',
  });
  expect(await views(project)).toEqual([]);
  expect((await run('create', '--project', project, '--cron', '0 2 29 2 *')).code).toBe(0);
});

test('list of a project that is not there says so', async () => {
  expect(await run('list', '--project', 'nowhere')).toMatchObject({
    ...{ code: 2, stdout: '' },
    stderr: expect.stringContaining('there is no project "nowhere"'),
  });
});

const NIGHTLY = ['--cron', '0 2 * * *', '--time-zone', 'Europe/Berlin', '--parallel'];

test('create, list, pause, resume, delete; the plain command makes the same schedule', async () => {
  const project = await givenProject('true');
  const id = `yokeflow-${project}-nightly`;
  const created = await create(project, ...NIGHTLY, '--pause-on-failure', '--json');
  expect(created.stderr).toBe('');
  const { plain } = JSON.parse(created.stdout) as { plain: string };
  const describe = async () => {
    const { spec, policies, action } = await system.temporal.client.schedule.getHandle(id).describe();
    const { workflowId, workflowType, taskQueue, args } = action;
    const { calendars, timezone } = spec;
    return { calendars, timezone, policies, action: { workflowId, workflowType, taskQueue, args } };
  };
  const ours = await describe();
  expect(ours.policies).toEqual({ overlap: 'SKIP', catchupWindow: 3_600_000, pauseOnFailure: true });
  expect(await run('create', '--project', project, ...NIGHTLY)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      `${id} is there already: .*: yokeflow schedule delete --project ${project}$`,
    ),
  });

  expect((await run('pause', '--project', project, '--reason', 'holiday')).stdout).toBe(`${id} paused`);
  const text = (await run('list', '--project', project)).stdout.split('\n');
  expect(text).toEqual([`${id}: ${project}, 0 2 * * * Europe/Berlin`, '  paused: holiday']);
  expect((await run('pause', '--project', project)).stdout).toBe(`${id} was paused already: holiday`);
  expect((await views(project))[0]).toMatchObject({ paused: true, note: 'holiday' });
  await run('pause', '--project', project, '--reason', 'release week');
  expect((await views(project))[0]!.note).toBe('release week');
  expect((await run('resume', '--project', project)).stdout).toBe(`${id} resumed`);
  expect((await run('resume', '--project', project)).stdout).toBe(`${id} was not paused`);
  // Whatever the zone of this machine.
  expect((await run('list', '--project', project)).stdout).toMatch(
    /next run [\d-]{10} 02:00 Europe\/Berlin$/m,
  );
  expect((await views(project))[0]).toMatchObject({
    ...{ paused: false, cron: '0 2 * * *', timeZone: 'Europe/Berlin', runs: [] },
    ...{ input: { project, parallel: true }, nextRun: expect.stringMatching(/T0[01]:00:00/) },
  });

  expect((await run('delete', '--project', project)).stdout).toBe(`${id} deleted`);
  expect(await views(project)).toEqual([]);
  expect(await run('delete', '--project', project)).toMatchObject({
    code: 2,
    stderr: `yokeflow: there is no schedule ${id}: see yokeflow schedule list`,
  });
  const env = { ...process.env, TEMPORAL_ADDRESS: temporal.address };
  const pasted = plain.replace(/^temporal/, testTemporalCli());
  await promisify(execFile)('/bin/sh', ['-c', pasted], { env });
  expect(await describe()).toEqual(ours);
});

test('a schedule of another project that is called the same is left alone', async () => {
  const long = await givenProject('true');
  const short = long.slice(0, long.lastIndexOf('-'));
  const { path } = await newRepository();
  await system.import(planOf(short, [{ id: 1, epic: 1, action: 'true' }]), path);
  await create(long, ...NIGHTLY);
  const name = `${long.slice(short.length + 1)}-nightly`;
  for (const action of ['pause', 'trigger', 'delete'])
    expect(await run(action, '--project', short, '--name', name)).toMatchObject({
      ...{ code: 2, stdout: '' },
      stderr: `yokeflow: yokeflow-${long}-nightly is a schedule of ${long}: see yokeflow schedule list`,
    });
  expect((await views(long))[0]).toMatchObject({ paused: false, runs: [] });
});

test('each run says what came of it: all landed, nothing to do, ended red, met another session', async () => {
  const project = await givenProject(`test ! -e ${system.folder}/broken; echo 1 > a`);
  await create(project, ...NIGHTLY);
  expect(await afterTrigger(project)).toBe('landed: everything landed');
  expect(await afterTrigger(project)).toBe('idle: nothing to do: everything has landed');

  await write(system.folder, { broken: '' });
  const red = await givenProject(`test ! -e ${system.folder}/broken`);
  await create(red, ...NIGHTLY, '--max-attempts', '1');
  expect(await afterTrigger(red)).toBe('red: 0 epics merged; 0 tasks complete, 1 failed.');

  const busy = await givenProject('sleep 60');
  await create(busy, ...NIGHTLY, '--pause-on-failure');
  await create(busy, ...NIGHTLY, '--name', 'plain');
  const manual = await system.start({ project: busy });
  const met = `did not run: yokeflow-${busy} is open already`;
  expect(await run('trigger', '--project', busy)).toEqual(
    expect.objectContaining({
      ...{ code: 1, stdout: '' },
      stderr: `yokeflow: the run ${met}: yokeflow watch --project ${busy}`,
    }),
  );
  // Where it ends as Failed, too.
  expect((await run('trigger', '--project', busy, '--name', 'plain')).stderr).toBe(
    `yokeflow: the run ${met}: yokeflow watch --project ${busy}`,
  );
  expect((await views(busy))[0]!.runs[0]).toMatchObject({ kind: 'busy', text: met });
  expect((await manual.describe()).status.name).toBe('RUNNING');
  // Not Failed: that would pause the schedule.
  const [latest] = (await views(busy))[0]!.runs;
  const scheduled = system.temporal.client.workflow.getHandle(latest!.workflowId);
  expect((await scheduled.describe()).status.name).toBe('COMPLETED');
  await manual.cancel();
  await manual.result().catch(() => undefined);
});

test('a run that is triggered while the one before goes on is left out, and that is what trigger says', async () => {
  const project = await givenProject(`until test -e ${system.folder}/go; do sleep 0.1; done`);
  await create(project, ...NIGHTLY);
  const id = `yokeflow-${project}-nightly`;
  expect(await run('trigger', '--project', project)).toMatchObject({ code: 0, stdout: `${id} triggered` });
  const why = 'no run was started, as the one before goes on';
  expect(await run('trigger', '--project', project)).toMatchObject({
    ...{ code: 1, stdout: '', stderr: `yokeflow: ${why}: yokeflow watch --project ${project}` },
  });
  await write(system.folder, { go: '' });
  const landed = async () => (await views(project))[0]!.runs[0]?.kind === 'landed';
  expect(await waitUntil(landed, 40_000)).toBe(true);
  expect((await views(project))[0]).toMatchObject({ runs: [{ kind: 'landed' }], skipped: 1 });
});

test('with --pause-on-failure a red run pauses the schedule, one that was triggered too', async () => {
  const red = await givenProject('exit 3');
  await create(red, ...NIGHTLY, '--max-attempts', '1', '--pause-on-failure');
  expect(await run('trigger', '--project', red)).toMatchObject({ code: 0 });
  const query = `WorkflowId STARTS_WITH "yokeflow-${red}-nightly-" AND ExecutionStatus = "Failed"`;
  while ((await system.temporal.client.workflow.count(query)).count === 0)
    await new Promise((resolve) => setTimeout(resolve, 100));
  // Nobody has asked for the schedule since: the first answer counts.
  expect((await views(red))[0]).toMatchObject({
    ...{ paused: true, nextRun: null, note: expect.stringContaining('0 tasks complete, 1 failed.') },
  });
});

let project: string | undefined;
test.each([
  ['--cron|2 * *', '--cron must have five fields'],
  ['--cron|99 2 * * *', '--cron: Temporal does not take "99 2 * * *"'],
  [
    '--cron|0 2 * * *|--time-zone|Mars',
    '--time-zone must be a zone such as Europe/Berlin or UTC, got "Mars"',
  ],
  ['--cron|0 2 * * *|--time-zone|+01:00', 'yokeflow: --time-zone'],
  ['--cron|0 2 * * *|--catch-up|1s', '--catch-up must be a time of at least 10s'],
  ['--cron|0 2 * * *|--name|a b', '--name must be up to 40 letters'],
  ['--cron|0 2 * * *|--max-concurrency|11', '--max-concurrency must be a whole number from 1 to 10, got 11'],
  ['--cron|0 2 * * *|--epics|1,99', '--epics: the plan has no epic 99; it has 1'],
])('create refuses %s', async (line, message) => {
  project ??= await givenProject('true');
  const { code, stderr } = await run('create', '--project', project, ...line.split('|'));
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('\n');
  expect(await views(project)).toEqual([]);
});
