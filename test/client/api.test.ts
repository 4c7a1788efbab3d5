import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  startCodingSessions,
  UsageError,
  withYokeflow,
  type CodingSession,
  type ConnectOptions,
  type Plan,
  type SessionEvent,
} from '../../client';
import { waitUntil } from '../../services/wait';
import { git, newRepository, removeTemporaryFolders } from '../support/git-repository';
import { testHome, type TestHome } from '../support/home';
import { testDatabase, testTemporalCli, type TestDatabase } from '../support/services';
import { startTestTemporal } from '../support/test-temporal';

const EXAMPLE = path.join(__dirname, '../../examples/start-coding-sessions.mjs');

let home: TestHome;
let database: TestDatabase;
let temporal: { address: string; stop(): Promise<void> };
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  [home, database] = await Promise.all([testHome(), testDatabase()]);
  temporal = await startTestTemporal(testTemporalCli());
  env = { ...home.env, DATABASE_URL: database.url, TEMPORAL_ADDRESS: temporal.address };
});
afterAll(async () => {
  await home.remove();
  await temporal.stop();
  await database.drop();
  await removeTemporaryFolders();
});

const task = (id: number, action: string) => ({
  ...{ id, description: `Task ${id}`, action, priority: 100, agent: 'script' as const },
  dependsOn: id > 1 ? [{ task: id - 1, type: 'hard' as const }] : [],
});

test('the example of docs/api.md runs a plan, as a program of its own', async () => {
  const { path: repository } = await newRepository();
  const plan = path.join(home.home, 'plan.json');
  const epics = [
    { id: 1, name: 'One', tasks: [{ id: 1, description: 'A', agent: 'script', action: 'echo 1 > a' }] },
  ];
  await writeFile(plan, JSON.stringify({ project: 'example', epics }));
  const { stdout } = await promisify(execFile)(process.execPath, [EXAMPLE, plan, repository], { env });
  expect(stdout.split('\n')).toEqual([
    'task_started T1',
    'task_complete T1',
    'complete: 1 tasks complete, 0 USD',
    '',
  ]);
  expect(await git(repository, 'show', 'main:a')).toBe('1');
});

test('the example says in one line what is wrong with its plan', async () => {
  const ended = promisify(execFile)(process.execPath, [EXAMPLE, 'nope.yaml', '.'], { env });
  await expect(ended).rejects.toMatchObject({
    ...{ code: 2, stdout: '' },
    stderr: expect.stringMatching(
      /^(?:(?! {4}at ).*\n)*nope\.yaml: there is no such file: give the path of a plan file\n$/,
    ),
  });
});

/** The event is written before the workflow hears of it. */
async function skipFailed(session: CodingSession, task: number): Promise<string> {
  await waitUntil(
    async () => (await session.status()).tasks.some((one) => one.task === task && one.status === 'failed'),
    30_000,
  );
  return session.skipTask(task);
}

test('a plan that a program imports again joins the session that is open', async () => {
  const { path: repository } = await newRepository();
  const said: string[] = [];
  const gate = path.join(home.home, 'gate-growing');
  await withYokeflow({ env, onNotice: (line) => said.push(line) }, async (yokeflow) => {
    const planOf = (...tasks: ReturnType<typeof task>[]) => ({
      project: 'growing',
      epics: [{ id: 1, name: 'One', tasks }],
    });
    const first = task(1, `until [ -e ${gate} ]; do sleep 0.1; done; echo 1 > a`);
    await yokeflow.importPlan(planOf(first), { repository });
    const session = await yokeflow.start({ project: 'growing', parallel: true });
    const working = () =>
      session.status().then(
        ({ running }) => running.length > 0,
        () => false,
      );
    expect(await waitUntil(working, 60_000)).toBe(true);
    await yokeflow.importPlan(planOf(first, task(2, 'echo 2 > b')));
    expect(said).toContainEqual(expect.stringMatching(/^session \d+ is open: 1 task joined the session$/));
    await writeFile(gate, '');
    expect(await session.follow()).toMatchObject({ status: 'complete', result: { tasks: { complete: 2 } } });
  });
});

test('startCodingSessions reports each event once and in order; the session can be steered meanwhile', async () => {
  const { path: repository } = await newRepository();
  const seen: SessionEvent[] = [];
  const said: string[] = [];
  const tasks = [task(1, 'sleep 1; echo 1 > a'), task(2, 'exit 1'), task(3, 'echo 3 > c')];
  await withYokeflow({ env }, async (yokeflow) => {
    const plan = { project: 'steered', epics: [{ id: 1, name: 'One', tasks }] };
    const { projectId } = await yokeflow.importPlan(plan, { repository });
    expect(await yokeflow.batches(projectId)).toEqual([[1], [2], [3]]);
    const options = { onFailure: 'wait', maxAttempts: 1, parallel: true, maxConcurrency: 2 } as const;
    const outcome = await startCodingSessions({
      ...{ projectId, env, codingModel: 'sonnet', mergeStrategy: 'squash', ...options },
      async onProgress(event) {
        seen.push(event);
        if (event.type === 'session_started')
          said.push(await (await yokeflow.open(projectId))!.setMaxConcurrency(4));
        if (event.type === 'task_failed') said.push(await skipFailed((await yokeflow.open(projectId))!, 2));
      },
    });
    expect(said).toEqual(['at most 4 agents at a time', 'T2 is skipped; its dependants go on without it']);
    expect(outcome).toMatchObject({
      status: 'complete',
      message: '',
      result: { tasks: { complete: 2, skipped: 1 } },
    });
    expect(await yokeflow.latest('steered')).toMatchObject({
      session: { id: outcome.sessionId, status: 'complete', options: { maxConcurrency: 4 } },
    });
    expect(await yokeflow.open('steered')).toBeNull();
  });
  expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => index + 1));
  expect(seen[0]).toMatchObject({
    type: 'session_started',
    data: { options: { model: 'sonnet', mergeStrategy: 'squash' } },
  });
  expect(seen.at(-1)).toMatchObject({ type: 'session_complete' });

  const wrong = startCodingSessions({ projectId: 'steered', env, maxConcurrency: 11 });
  await expect(wrong).rejects.toThrow(UsageError);
  await expect(wrong).rejects.toThrow('maxConcurrency: must be a whole number from 1 to 10, got 11');
  // Nothing is there that could be started: what is wrong is found before.
  const nowhere = { env: { DATABASE_URL: 'postgres://127.0.0.1:1/none', TEMPORAL_ADDRESS: '127.0.0.1:1' } };
  const named = { ...nowhere, projectId: 'steered' };
  for (const [options, message] of [
    [undefined, "options: must be one object, such as { projectId: 'my-app' }"],
    [nowhere, 'projectId: is required: the name of a project, or the id that importPlan returned'],
    [{ ...nowhere, projectId: '' }, 'projectId: is required'],
    [{ ...named, project: 'other' }, 'project: is no option here: its name is projectId'],
    [{ ...named, model: 'opus' }, 'model: is no option here: its name is codingModel'],
    [{ ...named, codingModel: 5 }, 'codingModel: must be a model name or alias such as opus'],
    [{ ...named, codingModel: 'a b' }, 'codingModel: must be a model name or alias such as opus'],
    [{ ...named, onProgress: 'print' }, 'onProgress: must be a function'],
    [{ ...named, maxConcurrency: 11 }, 'maxConcurrency: must be a whole number from 1 to 10, got 11'],
  ] as const) {
    const refused = startCodingSessions(options as unknown as Parameters<typeof startCodingSessions>[0]);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(message);
  }
  for (const projectId of ['nobody', 999_999])
    await expect(startCodingSessions({ projectId, env })).rejects.toThrow(UsageError);
  const typo = { env, wroker: false } as unknown as ConnectOptions;
  await expect(withYokeflow(typo, () => Promise.resolve())).rejects.toThrow(
    new UsageError('wroker: is no option here; the options are env, worker, onNotice'),
  );
  const none = withYokeflow({ env }, (yokeflow) => yokeflow.latest('nobody'));
  await expect(none).rejects.toThrow(UsageError);
});

test('what is wrong in a plan that a program made, or beside it, is said in one line, and nothing is written', async () => {
  const { path: repository } = await newRepository();
  const one = task(1, 'true');
  const planOfTask = (changed: object) => ({
    ...{ project: 'misspelt', epics: [{ id: 1, name: 'One', tasks: [changed] }] },
  });
  const at = 'the plan: epics[0].tasks[0]';
  await withYokeflow({ env }, async (yokeflow) => {
    const refusals: [object, object, string][] = [
      [{ ...one, depend_on: [2] }, {}, `${at}.depend_on: is not a known key; did you mean "dependsOn"?`],
      [
        { ...one, dependsOn: [{ task: 1, kind: 'soft' }] },
        {},
        `${at}.dependsOn[0].kind: is not a known key; use one of task, type`,
      ],
      [
        { ...one, dependsOn: undefined },
        {},
        `${at}.dependsOn: is missing; it must be a list of dependencies`,
      ],
      [{ ...one, dependsOn: [{ task: 9, type: 'hard' }] }, {}, `${at}.dependsOn: task 1 depends on task 9`],
      [{ ...one, agent: 'gpt' }, {}, `${at}.agent: must be one of claude, claude-code`],
      [one, { repo: '.' }, 'repo: is no option here; the options are repository, baseBranch'],
    ];
    for (const [changed, place, message] of refusals) {
      const plan = planOfTask(changed) as unknown as Plan;
      const refused = yokeflow.importPlan(plan, { repository, ...place });
      await expect(refused).rejects.toThrow(UsageError);
      await expect(refused).rejects.toThrow(message);
      await expect(refused).rejects.not.toThrow('\n');
    }
    expect((await yokeflow.projects()).map(({ name }) => name)).not.toContain('misspelt');
  });
});
