import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { listProcesses } from '../../processes/table';
import { waitUntil } from '../../services/wait';
import { statusQuery } from '../../workflows/messages';
import { startAnthropic, type AnthropicMock } from '../support/anthropic-mock';
import { turnOf } from '../support/anthropic-request';
import { git, newRepository, removeTemporaryFolders } from '../support/git-repository';
import { planOf } from '../support/plans';
import { testTemporal, testTemporalCli } from '../support/services';
import { projectName, startSystem, type System } from '../support/system';
import { cli, endpointsOf } from '../client/captured-cli';
import { until } from '../support/until';

const execute = promisify(execFile);

let api: AnthropicMock;
let system: System;
beforeAll(async () => {
  api = await startAnthropic({
    script: (request) => {
      const told = JSON.stringify(request.messages[0]).includes('Write right into answer');
      if (turnOf(request) > 0) return { text: 'done' };
      return { tools: [{ name: 'bash', input: { command: `echo ${told ? 'right' : 'wrong'} > answer` } }] };
    },
  });
  const environment = { ...process.env, ANTHROPIC_API_KEY: api.apiKey, ANTHROPIC_BASE_URL: api.baseUrl };
  system = await startSystem({ environment, secrets: [api.apiKey] });
});
afterAll(async () => {
  await system.close();
  await api.close();
  await removeTemporaryFolders();
});

/** As a person types it, without anything of YokeFlow's. */
async function update(project: string, name: string, input: unknown): Promise<string> {
  const { address } = testTemporal();
  const args = ['-w', `yokeflow-${project}`, '--name', name, '--input', JSON.stringify(input)];
  const { stdout } = await execute(testTemporalCli(), [
    ...['workflow', 'update', 'execute', '--address', address],
    ...args,
  ]);
  return stdout;
}

async function triesOf(project: string, task: number) {
  const { rows } = await system.db.query<{ status: string; reason: string | null }>(
    `select a.status, a.reason from yokeflow.task_attempts a join yokeflow.tasks t on t.id = a.task_id
     join yokeflow.projects p on p.id = t.project_id where p.name = $1 and t.number = $2 order by a.number`,
    [project, task],
  );
  return rows;
}

test('retryTask from the plain CLI: the instructions are in the next prompt, the model is another, secrets are out', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const verify = 'grep -q right answer';
  await system.import(planOf(project, [{ id: 1, epic: 1, action: 'Answer', agent: 'claude', verify }]), path);
  const handle = await system.start({
    ...{ project, parallel: true, model: 'haiku' },
    ...{ maxAttempts: 1, onFailure: 'wait' as const },
  });
  await until(async () => (await handle.query(statusQuery)).waits.length > 0);
  const instructions = `Write right into answer. ${api.apiKey}`;
  expect(await update(project, 'retryTask', { task: 1, instructions, model: 'opus' })).toContain(
    'T1 will be tried again',
  );
  expect((await handle.result()).status).toBe('complete');
  const starts = api.journal.filter((entry) => entry.turn === 0);
  expect(starts.map(({ request }) => request.model)).toEqual(['claude-haiku-5-5', 'claude-opus-5-5']);
  expect(starts[1]!.raw).toContain('What to do differently this time');
  expect(starts[1]!.raw).not.toContain(api.apiKey);
  expect(await git(path, 'show', 'main:answer')).toBe('right');
});

test('yokeflow retry: its instructions are in the next prompt and not in any history; when refused, nowhere', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const gate = `${system.folder}/gate-${project}`;
  // Its first try is not over before the refused retry has been seen.
  const verify = `until [ -e ${gate} ]; do sleep 0.1; done; grep -q right answer`;
  await system.import(planOf(project, [{ id: 1, epic: 1, action: 'Answer', agent: 'claude', verify }]), path);
  const handle = await system.start({ project, parallel: true, maxAttempts: 1, onFailure: 'wait' });
  const { address } = testTemporal();
  const retry = (instructions: string) =>
    cli(
      ['retry', '1', '--project', project, '--instructions', instructions],
      endpointsOf(system.databaseUrl, address),
    );
  const kept = async () =>
    (
      await system.db.query(
        'select retry_instructions as kept from yokeflow.tasks t join yokeflow.projects p on p.id = t.project_id where p.name = $1',
        [project],
      )
    ).rows;
  await until(async () =>
    /T1 is .*; its instructions stay as they were$/m.test((await retry('too early')).stderr),
  );
  expect(await kept()).toEqual([{ kept: null }]);
  await writeFile(gate, '');
  await until(async () => (await handle.query(statusQuery)).waits.length > 0);
  const before = api.journal.length;
  expect(await retry('Write right into answer, please')).toMatchObject({
    code: 0,
    stdout: 'T1 will be tried again',
  });
  expect((await handle.result()).status).toBe('complete');
  expect(api.journal[before]!.raw).toContain('Write right into answer, please');
  const history = JSON.stringify(await handle.fetchHistory());
  // The whole of what the update took.
  expect(history).toContain(Buffer.from('{"task":1}').toString('base64'));
});

test('an epic that the session was started with leaves the plan: the session goes on with a fresh history', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const [begun, gate] = [`${system.folder}/begun-${project}`, `${system.folder}/gate-${project}`];
  const first = {
    ...{ id: 1, epic: 1 },
    action: `touch ${begun}; until [ -e ${gate} ]; do sleep 0.1; done; echo 1 > f1`,
  };
  await system.import(planOf(project, [first, { id: 2, epic: 2, action: 'true', after: [1] }]), path);
  const { client, taskQueue } = system.temporal;
  const handle = await client.workflow.start('runProject', {
    taskQueue,
    workflowId: `yokeflow-${project}`,
    args: [{ project, parallel: true, epics: [1, 2] }, { drainAtEvents: 1 }],
  });
  await until(async () => existsSync(begun));
  await system.import(planOf(project, [first]), path);
  await writeFile(gate, '');
  expect(await handle.result()).toMatchObject({ status: 'complete' });
  expect(await git(path, 'show', 'main:f1')).toBe('1');
});

test('cancelTask during a script with background children: none is left, its edits are kept, the rest lands', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const pids = `${system.folder}/pids-${project}`;
  const background = [
    `(trap '' TERM HUP; sleep 600) & echo $! >> ${pids}`,
    `setsid sleep 600 & echo $! >> ${pids}`,
    `nohup sh -c 'sleep 600; echo late > f1' > /dev/null & echo $! >> ${pids}`,
  ];
  const action = ['echo half > f1', 'echo new > untracked', ...background, `echo $$ >> ${pids}`, 'wait'];
  await system.import(
    planOf(project, [
      { id: 1, epic: 1, action: action.join('\n') },
      { id: 2, epic: 2, action: 'echo 2 > f2' },
      { id: 3, epic: 3, action: 'echo 3 > f3', after: [1] },
    ]),
    path,
  );
  const handle = await system.start({ project, parallel: true });
  const started = async () => (await readFile(pids, 'utf8').catch(() => '')).split('\n').filter(Boolean);
  await until(async () => (await started()).length === 4);
  await update(project, 'cancelTask', 'T1');
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'SessionIncomplete' } });
  // Not by a signal: init, or what stands in for it in a container, may take its time to bury the dead.
  const running = (await listProcesses()).map(({ pid }) => String(pid));
  expect((await started()).filter((pid) => running.includes(pid))).toEqual([]);
  expect(await git(path, 'show', 'refs/yokeflow/wip/1/1:f1')).toBe('half');
  expect(await git(path, 'show', 'refs/yokeflow/wip/1/1:untracked')).toBe('new');
  expect(await git(`${path}/.worktrees/epic-1-part-1`, 'status', '--porcelain')).toBe('');
  expect(await git(path, 'ls-tree', '--name-only', 'main')).toBe('a.txt\nf2');
  const { rows } = await system.db.query(
    `select t.number, t.status, t.status_reason as reason from yokeflow.tasks t
     join yokeflow.projects p on p.id = t.project_id where p.name = $1 order by t.number`,
    [project],
  );
  expect(await triesOf(project, 1)).toEqual([{ status: 'failed', reason: 'cancelled by a person' }]);
  expect(rows).toEqual([
    { number: 1, status: 'failed', reason: 'cancelled by a person' },
    { number: 2, status: 'complete', reason: null },
    { number: 3, status: 'blocked', reason: 'depends on T1, which failed' },
  ]);
});

test('an epic that a person cancels: its try is over, while the session goes on', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const [begun, gate] = [`${system.folder}/begun-${project}`, `${system.folder}/gate-${project}`];
  const plan = planOf(project, [
    { id: 1, epic: 1, action: `echo half > f1; touch ${begun}; sleep 600` },
    { id: 2, epic: 2, action: `until [ -e ${gate} ]; do sleep 0.1; done; echo 2 > f2` },
  ]);
  await system.import(plan, path);
  const handle = await system.start({ project, parallel: true });
  await until(async () => existsSync(begun));
  await system.temporal.client.workflow.getHandle(`yokeflow-${project}/epic-1`).cancel();
  const isOver = async () => (await triesOf(project, 1))[0]?.status !== 'running';
  expect(await waitUntil(isOver, 60_000)).toBe(true);
  expect(await triesOf(project, 1)).toEqual([{ status: 'cancelled', reason: 'cancelled while it ran' }]);
  expect(await git(path, 'show', 'refs/yokeflow/wip/1/1:f1')).toBe('half');
  await writeFile(gate, '');
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'SessionIncomplete' } });
  expect(await git(path, 'show', 'main:f2')).toBe('2');
});
