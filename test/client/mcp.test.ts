import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { createGh } from '../../hosting/gh';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createActivities } from '../../activities';
import { createRedactor } from '../../agents/contract/redact';
import { createAgents } from '../../agents/registry';
import { waitUntil } from '../../services/wait';
import { statusQuery } from '../../workflows/messages';
import { git, newRepository, removeTemporaryFolders, write } from '../support/git-repository';
import { planOf } from '../support/plans';
import { testTemporalCli } from '../support/services';
import { projectName, startSystem, type System } from '../support/system';
import { startTestTemporal } from '../support/test-temporal';

const MAIN = path.join(__dirname, '../../dist/client/main.js');

let temporal: { address: string; stop(): Promise<void> };
let system: System;
let client: Client;
let project: string;
let repository: string;

beforeAll(async () => {
  temporal = await startTestTemporal(testTemporalCli());
  system = await startSystem({ ownTemporal: temporal });
  const [environment, redact] = [process.env, createRedactor([])];
  const agents = createAgents({ environment, stateDirectory: system.folder, redact });
  const outputs = path.join(system.folder, 'outputs');
  await system.temporal.startWorker(
    createActivities({ db: system.db, agents, environment, gh: createGh(environment), redact, outputs }),
  );
  project = projectName();
  repository = (await newRepository()).path;
  const action = `until test -e ${system.folder}/go; do sleep 0.1; done; echo 1 > one`;
  await system.import(planOf(project, [{ id: 1, epic: 1, action }]), repository);
  client = new Client({ name: 'test', version: '1' });
  const env = {
    PATH: process.env.PATH!,
    DATABASE_URL: system.databaseUrl,
    TEMPORAL_ADDRESS: temporal.address,
  };
  const args = [MAIN, 'mcp', '--project', project];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env, stderr: 'inherit' }));
});
afterAll(async () => {
  await client.close();
  await system.close();
  await temporal.stop();
  await removeTemporaryFolders();
});

async function call(
  name: string,
  args: Record<string, unknown> = {},
): Promise<{ failed: boolean; said: string }> {
  const { content, isError } = await client.callTool({ name, arguments: args });
  const [{ text }] = content as [{ text: string }];
  return { failed: isError === true, said: text };
}

const answer = async (name: string, args: Record<string, unknown> = {}): Promise<unknown> => {
  const { failed, said } = await call(name, args);
  expect(failed ? said : '').toBe('');
  return JSON.parse(said) as unknown;
};

test('an agent plans from inside a session, and what it adds is done in that session', async () => {
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name).sort()).toEqual(
    [
      'add_dependency',
      'create_epic',
      'create_task',
      'get_batches',
      'get_status',
      'get_task',
      'list_epics',
    ].concat(['list_tasks', 'update_task']),
  );
  const handle = await system.start({ project, parallel: true });
  const runs = async () =>
    JSON.stringify(await answer('list_tasks', { status: 'running' })).includes('"task":1');
  expect(await waitUntil(runs, 30_000)).toBe(true);

  expect(await answer('create_epic', { name: 'Second part' })).toEqual({ epic: 2 });
  const script = { agent: 'script', action: 'echo 2 > two' };
  const added = await answer('create_task', { epic: 2, description: 'Two', ...script, depends_on: [1] });
  expect(added).toEqual({ task: 2, epic: 2, session: '1 task joined the session' });
  await answer('create_task', { epic: 1, description: 'Three', ...script, action: 'echo wrong > three' });
  await answer('add_dependency', { task: 3, depends_on: 2 });
  await answer('update_task', { task: 3, action: 'echo 3 > three', priority: 5 });
  expect(await answer('get_batches')).toMatchObject({
    batches: [{ tasks: [1], status: 'running' }, { tasks: [2] }, { tasks: [3] }],
    criticalPath: [1, 2, 3],
  });
  expect(await answer('get_batches', { limit: 1, offset: 1 })).toEqual({
    batches: [{ number: 2, tasks: [2], status: 'pending' }],
    ...{ criticalPath: [1], criticalPathLength: 3, total: 3, next_offset: 2 },
  });
  expect(await call('add_dependency', { task: 2, depends_on: 3 })).toEqual({
    failed: true,
    said: expect.stringContaining('Circular dependencies detected: [(2, 3, 2)]'),
  });
  expect(await call('update_task', { task: 1, action: 'x' })).toEqual({
    failed: true,
    said: 'task: T1 runs now; wait until it has ended',
  });
  expect((await call('create_task', { epic: 9, description: 'd', action: 'a' })).said).toContain(
    'epic 9 is not in the plan',
  );

  const short = (task: number): unknown => expect.objectContaining({ task });
  expect(await answer('list_tasks', { limit: 2 })).toEqual({
    ...{ tasks: [short(1), short(3)], total: 3, next_offset: 2 },
  });
  expect(await answer('list_tasks', { limit: 2, offset: 2 })).toEqual({ tasks: [short(2)], total: 3 });
  expect(await answer('list_tasks', { epic: 1, status: 'running', offset: 1 })).toEqual({
    tasks: [],
    total: 1,
  });
  expect(await answer('list_epics', { limit: 1 })).toEqual({
    epics: [{ epic: 1, name: 'Part 1', unfinished: 2, complete: 0, worktree: 'active' }],
    ...{ total: 2, next_offset: 1 },
  });
  expect(await answer('get_status')).toMatchObject({
    ...{ project, status: 'running', counts: { running: 1, pending: 2 }, total: 1 },
    tasks: [{ task: 1, epic: 1, status: 'running', reason: null }],
  });

  const fields = { epic: 1, description: 'd', action: 'a' };
  const refusals: [string, Record<string, unknown>, string][] = [
    ['add_dependency', { task: 1, depends_on: 3 }, 'depends_on: task 1 is at work'],
    ['add_dependency', { task: 1, depends_on: 1 }, 'task 1 cannot depend on itself: name another task'],
    ['add_dependency', { task: 3, depends_on: 99 }, 'task 3 cannot depend on 99'],
    ['add_dependency', { task: '3', depends_on: 2 }, 'task must be a whole number from 1 to 2147483647'],
    ['get_task', { task: 2 ** 31 }, 'task must be a whole number from 1 to 2147483647'],
    ['list_tasks', { epic: 99 }, 'epic 99 is not in the plan'],
    ['list_tasks', { status: 'odd' }, 'must be one of pending, running'],
    ['list_tasks', { limit: 501 }, 'limit must be a whole number from 1 to 500'],
    ['get_status', { offset: -1 }, 'offset must be a whole number from 0 to 2147483647'],
    ['update_task', { task: 3 }, 'nothing to change: give T3 a description'],
    ['create_task', { ...fields, description: 'x'.repeat(501) }, 'must be text of 1 to 500 characters'],
    ['create_task', { ...fields, action: 'x'.repeat(100_001) }, 'must be text of 1 to 100000 characters'],
    ['create_task', { ...fields, action: 'a\0b' }, 'action holds a NUL character; remove it'],
    ['create_task', { ...fields, depends_on: 1 }, 'must be a list of task numbers, such as [1, 2]'],
    ['create_task', { ...fields, depends_on: [1, 1] }, 'depends_on must name each task once'],
    ['create_task', { ...fields, model: 'a b' }, 'model must be a model name or alias such as opus'],
    ['create_task', { ...fields, dependsOn: [1] }, 'dependsOn is no argument of this tool'],
    ['create_task', { ...fields, description: 'a\nb' }, 'description must be one line'],
    ['update_task', { task: 3, description: 'a\u2028b' }, 'description must be one line'],
    ['create_epic', { name: 'a\rb' }, 'name must be one line'],
    ['create_epic', { name: ' ' }, 'must be text of 1 to 200 characters'],
    [
      'create_task',
      { action: 'a' },
      'epic must be a whole number from 1 to 2147483647, and description must be',
    ],
    ['odd', {}, 'there is no tool odd; there are create_task, list_tasks,'],
  ];
  for (const [tool, args, said] of refusals) {
    const refused = await call(tool, args);
    expect(refused).toEqual({ failed: true, said: expect.stringContaining(said) });
    expect(refused.said).not.toMatch(/\n|YOKEFLOW_DEBUG/);
  }

  await write(system.folder, { go: '' });
  await expect(handle.result()).resolves.toMatchObject({ status: 'complete', tasks: { complete: 3 } });
  expect(await git(repository, 'ls-tree', '--name-only', 'main')).toContain('one\nthree\ntwo');
  expect(await git(repository, 'show', 'main:three')).toBe('3');
  expect(await answer('get_status')).toMatchObject({
    ...{ project, status: 'complete', counts: { complete: 3 }, tasks: [], total: 0 },
  });
  expect(await answer('get_task', { task: 3 })).toMatchObject({ status: 'complete', priority: 5, epic: 1 });
  expect(await answer('create_task', { epic: 1, description: 'Later', ...script })).toMatchObject({
    session: expect.stringContaining('the next one'),
  });
});

test('a failed task that an agent changed is tried again in the session that is open', async () => {
  await write(system.folder, { go: '' });
  const failing = { epic: 1, description: 'Broken', agent: 'script', action: 'exit 1' };
  const { task } = (await answer('create_task', failing)) as { task: number };
  const handle = await system.start({ project, parallel: true, onFailure: 'wait', maxAttempts: 1 });
  // The session's own word: the record says it a moment earlier.
  const waits = () =>
    handle.query(statusQuery).then(
      (view) => view.waits.length > 0,
      () => false,
    );
  expect(await waitUntil(waits, 60_000)).toBe(true);
  await answer('update_task', { task, action: 'echo mended > mended' });
  await expect(handle.result()).resolves.toMatchObject({ status: 'complete' });
  expect(await git(repository, 'show', 'main:mended')).toBe('mended');
});

test('while Temporal does not answer, an agent plans all the same', async () => {
  const env = {
    PATH: process.env.PATH!,
    DATABASE_URL: system.databaseUrl,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
  };
  const args = [MAIN, 'mcp', '--project', project];
  const alone = new Client({ name: 'test', version: '1' });
  await alone.connect(new StdioClientTransport({ command: process.execPath, args, env, stderr: 'inherit' }));
  const name = 'create_epic';
  const made = await alone.callTool({ name, arguments: { name: 'Planned alone' } });
  const [{ text }] = made.content as [{ text: string }];
  const { epic } = JSON.parse(text) as { epic: number };
  const task = { epic, description: 'Alone', action: 'true', agent: 'script' };
  const added = await alone.callTool({ name: 'create_task', arguments: task });
  expect(added.isError).toBeFalsy();
  expect(JSON.stringify(added.content)).toContain('does not know of it, the next one will (');
  await alone.close();
});

test('a message that is too long ends it with a word', async () => {
  const env = {
    PATH: process.env.PATH!,
    DATABASE_URL: system.databaseUrl,
    TEMPORAL_ADDRESS: temporal.address,
  };
  const child = spawn(process.execPath, [MAIN, 'mcp', '--project', project], { env });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.write('x'.repeat(11_000_000));
  // Not its exit: what it said may come after that.
  const [code] = (await once(child, 'close')) as [number];
  expect(stderr).toMatch(
    /^yokeflow: the conversation on standard input broke off: .*maximum size of \d+ bytes\n$/,
  );
  expect(code).toBe(1);
});
