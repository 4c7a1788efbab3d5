import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringifyPlan } from '../../domain/plan/plan-export';
import { statusQuery } from '../../workflows/messages';
import { cli, endpointsOf } from '../client/captured-cli';
import { git, newRepository } from '../support/git-repository';
import { untilAllBegun } from '../support/meeting';
import { planOf } from '../support/plans';
import { testTemporal } from '../support/services';
import { projectName, useSystem } from '../support/system';

/** The worker's own: a test changes it while the worker runs. */
const environment: NodeJS.ProcessEnv = { ...process.env };
const system = useSystem({ environment });

interface Told {
  type: string;
  epic: number | null;
  task: number | null;
  reason: string | null;
}

async function eventsOf(project: string): Promise<Told[]> {
  const { rows } = await system.db.query<Told>(
    `select e.type, e.epic_number as epic, e.task_number as task, e.data ->> 'reason' as reason from yokeflow.events e
       join yokeflow.sessions s on s.id = e.session_id join yokeflow.projects p on p.id = s.project_id
     where p.name = $1 order by e.session_id, e.seq`,
    [project],
  );
  return rows;
}

const untilTold = async (project: string, type: string) => {
  for (;;) {
    const found = (await eventsOf(project)).find((event) => event.type === type);
    if (found) return found;
    await sleep(50);
  }
};

/** It looks again every now and then; as with the button of the Web UI, the next look is now. */
async function lookAgain(project: string, task = 1): Promise<void> {
  await untilItWaits(project, task);
  await system.temporal.client.workflowService.resetActivity({
    namespace: 'default',
    execution: { workflowId: `yokeflow-${project}/epic-1` },
    id: `T${task}-try-1`,
  });
}

/** What a try cannot go on for is told a moment before Temporal has heard of it. */
async function untilItWaits(project: string, task = 1): Promise<void> {
  const epic = system.temporal.client.workflow.getHandle(`yokeflow-${project}/epic-1`);
  const waits = async () =>
    (await epic.describe()).raw.pendingActivities?.some(
      ({ activityId, lastFailure }) => activityId === `T${task}-try-1` && lastFailure,
    );
  while (!(await waits())) await sleep(50);
}

test('a disk that is nearly full: the person is told, and the session goes on by itself once there is room', async () => {
  const project = projectName();
  const { path } = await newRepository();
  await system.import(planOf(project, [{ id: 1, epic: 1, action: 'echo 1 > f1' }]), path);
  environment.YOKEFLOW_MIN_FREE_MB = String(1e9);
  const handle = await system.start({ project, parallel: true });
  expect((await untilTold(project, 'attention_needed')).reason).toMatch(
    /^the disk is nearly full: yokeflow worktrees clean --project \S+ may make room, .*; \d+ MB are free, and .*epic-1-part-1 needs 1000000001 MB$/,
  );
  expect(await git(path, 'worktree', 'list', '--porcelain')).not.toContain('.worktrees');
  await untilItWaits(project);
  const services = endpointsOf(system.databaseUrl, testTemporal().address);
  const { stdout } = await cli(['status', '--project', project], services);
  expect(stdout).toMatch(/What to do\n {2}T1 waits: the disk is nearly full: yokeflow worktrees clean /);
  environment.YOKEFLOW_MIN_FREE_MB = '0';
  await lookAgain(project);
  expect(await handle.result()).toMatchObject({ status: 'complete' });
  expect(await git(path, 'show', 'main:f1')).toBe('1');
  const told = (await eventsOf(project)).filter(({ type }) => type === 'attention_needed');
  expect(told).toHaveLength(1);
});

test('a repository that is gone for a while: status says so, and the session goes on once it is back', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const [begun, gate] = [join(system.folder, 'begun'), join(system.folder, 'gate')];
  const action = (id: number) =>
    `touch ${begun}${id}; until [ -e ${gate}${id} ]; do sleep 0.1; done; echo ${id} > f${id}`;
  await system.import(
    planOf(
      project,
      [1, 2].map((id) => ({ id, epic: 1, action: action(id), after: id === 1 ? [] : [id - 1] })),
    ),
    path,
  );
  const handle = await system.start({ project, parallel: true, maxAttempts: 1 });
  const takeAway = async (task: number) => {
    while (!existsSync(begun + task)) await sleep(50);
    await rename(path, `${path}-away`);
    await writeFile(gate + task, '');
  };
  const bringBack = async (task: number) => {
    await rename(`${path}-away`, path);
    await lookAgain(project, task);
  };
  const timesTold = async () =>
    (await eventsOf(project)).filter(({ type }) => type === 'attention_needed').length;
  await takeAway(1);
  expect((await untilTold(project, 'attention_needed')).reason).toMatch(
    /^the repository cannot be used, and it goes on by itself once it can: .* is gone: put the repository back/,
  );
  await untilItWaits(project);
  const services = endpointsOf(system.databaseUrl, testTemporal().address);
  const { stdout } = await cli(['status', '--project', project], services);
  expect(stdout).toMatch(/What to do\n {2}T1 waits: the repository cannot be used, .* is gone: put/);
  await bringBack(1);
  await takeAway(2);
  while ((await timesTold()) < 2) await sleep(50);
  await bringBack(2);
  expect(await handle.result()).toMatchObject({ status: 'complete' });
  expect(await git(path, 'show', 'main:f1', 'main:f2')).toBe('1\n2');
  expect(await timesTold()).toBe(2);
});

test('a session that is cancelled while its repository is gone ends at once, and the next one goes on', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const begun = join(system.folder, `${project}-begun`);
  await system.import(
    planOf(project, [
      { id: 1, epic: 1, action: `[ -e ${begun} ] || { touch ${begun}; sleep 600; }; echo 1 > f1` },
    ]),
    path,
  );
  const handle = await system.start({ project, parallel: true });
  while (!existsSync(begun)) await sleep(50);
  await rename(path, `${path}-away`);
  await handle.cancel();
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  await rename(`${path}-away`, path);
  const next = await system.start({ project, parallel: true });
  expect(await next.result()).toMatchObject({ status: 'complete' });
  expect(await git(path, 'show', 'main:f1')).toBe('1');
});

test('a session that waits: each command that it says to type does what it says, and skipped work is no work left', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const meet = untilAllBegun(join(system.folder, project), 2);
  await system.import(
    planOf(project, [
      { id: 1, epic: 1, action: `${meet}; echo 1 > f` },
      { id: 2, epic: 2, action: `${meet}; echo 2 > f` },
      { id: 3, epic: 2, action: 'echo 3 > g', after: [1, 2] },
      { id: 4, epic: 3, action: 'false' },
      { id: 5, epic: 4, action: 'echo 5 > f5', after: [4] },
    ]),
    path,
  );
  const input = { project, parallel: true, maxAttempts: 1, onFailure: 'wait', onConflict: 'wait' } as const;
  const handle = await system.start(input);
  while ((await handle.query(statusQuery)).waits.length < 2) await sleep(50);
  const services = endpointsOf(system.databaseUrl, testTemporal().address);
  const type = async (command: string) => {
    const { code, stderr } = await cli(command.replace(/ +#.*/, '').split(' ').slice(1), services);
    expect({ code, stderr, command }).toMatchObject({ code: 0 });
  };
  let steps: { problem: string; commands: string[] }[] = [];
  // On record a moment after the session knows.
  while (steps.length < 3) {
    const { stdout } = await cli(['status', '--json', '--project', project], services);
    ({ steps } = JSON.parse(stdout) as { steps: typeof steps });
  }
  const commands = Object.fromEntries(
    steps.map((step) => [step.problem.split(/ (has|failed)/)[0]!, step.commands]),
  );
  expect(Object.keys(commands)).toEqual(['Epic 2 Part 2', 'T3 Task 3', 'T4 Task 4']);
  const [cd, ...rest] = commands['Epic 2 Part 2']!;
  const tree = cd!.replace('cd ', '');
  await writeFile(join(tree, 'f'), '12\n');
  await git(tree, 'add', '--all');
  await git(tree, 'commit', '--quiet', '--no-edit');
  await type(rest.at(-1)!);
  await type(commands['T4 Task 4']!.at(-1)!);
  expect(await handle.result()).toMatchObject({
    status: 'complete',
    tasks: { complete: 4, skipped: 1 },
    epics: [{ epic: 1 }, { epic: 2 }, { epic: 3, status: 'merged' }, { epic: 4 }],
  });
  const again = await cli(['retry', '4', '--project', project], services);
  expect(again).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('T4 was skipped and counts as done: '),
  });
  expect(await git(path, 'show', 'main:f')).toBe('12');
  expect(await git(path, 'show', 'main:f5')).toBe('5');
  expect(await git(path, 'worktree', 'list', '--porcelain')).not.toContain('.worktrees');
  expect(await system.run(input)).toMatchObject({ outcome: 'complete' });
});

test("a person's own git command in the checkout: landing waits a moment for it, and not for ever", async () => {
  const project = projectName();
  const { path } = await newRepository();
  const lock = join(path, '.git', 'index.lock');
  await system.import(planOf(project, [{ id: 1, epic: 1, action: 'echo 1 > f1' }]), path);
  const input = { project, parallel: true };
  await writeFile(lock, '');
  const stuck = await system.run(input);
  expect(stuck.result!.epics).toEqual([
    expect.objectContaining({ epic: 1, status: 'blocked', reason: expect.stringContaining(lock) }),
  ]);
  expect(await git(path, 'ls-tree', '--name-only', 'main')).toBe('a.txt');

  const before = (await eventsOf(project)).length;
  const handle = await system.start(input);
  while (!(await eventsOf(project)).slice(before).some(({ type }) => type === 'merge_started'))
    await sleep(20);
  await sleep(1_000);
  await rm(lock);
  expect(await handle.result()).toMatchObject({ status: 'complete' });
  expect(await git(path, 'show', 'main:f1')).toBe('1');
  expect(await git(path, 'status', '--porcelain')).toBe('');
  const told = (await eventsOf(project)).slice(before).filter(({ type }) => type === 'attention_needed');
  expect(told).toEqual([]);
});

test('a session that waits says for what, once each; the plan mended and imported again is what it goes on with', async () => {
  const project = projectName();
  const { path } = await newRepository();
  // Both worktrees begin before either lands, so that they conflict.
  const meet = untilAllBegun(join(system.folder, project), 2);
  const plan = (first: string) =>
    planOf(project, [
      { id: 1, epic: 1, action: first },
      { id: 2, epic: 1, action: 'echo 2 > f2', after: [1] },
      { id: 3, epic: 2, action: `${meet}; echo left > a.txt` },
      { id: 4, epic: 3, action: `${meet}; echo right > a.txt` },
    ]);
  const endpoints = endpointsOf(system.databaseUrl, testTemporal().address);
  const yokeflow = async (...args: string[]) => cli(args, endpoints, path);
  await system.import(plan('echo half > f1; exit 1'), path);
  const input = { project, parallel: true, maxAttempts: 1 };
  const handle = await system.start({ ...input, onFailure: 'wait', onConflict: 'wait' });
  while ((await handle.query(statusQuery)).waits.length < 2) await sleep(50);
  const needed = async () => (await eventsOf(project)).filter(({ type }) => type === 'attention_needed');
  // On record a moment after the session knows.
  while ((await needed()).length < 2) await sleep(50);
  const news = await needed();
  const held = news.find(({ task }) => task === null)!.epic!;
  expect(news.sort((a, b) => a.epic! - b.epic!)).toEqual([
    { type: 'attention_needed', epic: 1, task: 1, reason: expect.stringContaining('exit') },
    {
      type: 'attention_needed',
      epic: held,
      task: null,
      reason: expect.stringContaining('conflicts with main'),
    },
  ]);
  expect((await yokeflow('events', '--project', project)).stdout).toMatch(/T1 .*needs you: yokeflow retry 1/);

  const file = join(system.folder, 'mended.yaml');
  await writeFile(file, stringifyPlan(plan('echo 1 > f1')));
  const imported = await yokeflow('plan', 'import', file, '--repo', path);
  expect(imported).toMatchObject({ code: 0, stderr: expect.stringContaining('T1 will be tried again') });
  while ((await handle.query(statusQuery)).waits.length > 1) await sleep(50);
  const worktree = join(path, '.worktrees', `epic-${held}-part-${held}`);
  await writeFile(join(worktree, 'a.txt'), 'both\n');
  await git(worktree, 'commit', '-aqm', 'both');
  expect(await yokeflow('merge', String(held), '--project', project, '--json')).toMatchObject({
    code: 0,
    stdout: `{"ok":true,"message":"epic-${held} will be merged again"}`,
    stderr: `Follow it: yokeflow watch --project ${project}`,
  });
  expect(await handle.result()).toMatchObject({ status: 'complete', tasks: { complete: 4 } });
  expect(await git(path, 'show', 'main:f2')).toBe('2');
});

test('a command that cannot work now holds the session, and starts over in a clean worktree', async () => {
  const project = projectName();
  const { path } = await newRepository();
  await system.import(planOf(project, [{ id: 1, epic: 1, action: 'Make it', agent: 'command' }]), path);
  const again = join(system.folder, `${project}-again`);
  environment.YOKEFLOW_AGENT_COMMAND = `[ -e ${again} ] || { touch ${again}; echo half > half.txt; echo busy; exit 75; }; ls > whole.txt`;
  const handle = await system.start({ project, parallel: true, maxAttempts: 1 });
  const view = () => handle.query(statusQuery);
  while ((await view()).state !== 'paused') await sleep(100);
  expect((await view()).waits[0]!.reason).toMatch(
    /^paused: limit: the command ended with exit code 75: busy \(until 20.* UTC\)/,
  );
  await handle.executeUpdate('resume');
  expect((await handle.result()).status).toBe('complete');
  expect(await git(path, 'show', 'main:whole.txt')).not.toContain('half.txt');
});
