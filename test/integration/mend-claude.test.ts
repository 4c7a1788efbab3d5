import { join } from 'node:path';
import { waitUntil } from '../../services/wait';
import { listAttempts } from '../../db/task/attempts';
import { findProject } from '../../db/project/projects';
import { getTask } from '../../db/task/tasks';
import { setBudgetUpdate, statusQuery } from '../../workflows/messages';
import { startAnthropic, type AnthropicMock } from '../support/anthropic-mock';
import { turnOf } from '../support/anthropic-request';
import { conflictPlan } from '../support/conflict';
import { git, newRepository, removeTemporaryFolders, write } from '../support/git-repository';
import { planOf } from '../support/plans';
import { projectName, startSystem, type System } from '../support/system';

let api: AnthropicMock;
let system: System;
const prompts: string[] = [];

beforeAll(async () => {
  // 2 cents a turn: 1,000 x $2 + 1,800 x $10 per million tokens.
  const usage = { input_tokens: 1_000, output_tokens: 1_800 };
  const resolve = "printf '1\\ntwo zwei\\n3\\n' > a.txt && git add a.txt";
  const commands = ['git status', 'cat a.txt', resolve];
  api = await startAnthropic({
    script: (request) => {
      prompts.push(JSON.stringify(request.messages[0]));
      const command = commands[turnOf(request)];
      return command ? { tools: [{ name: 'bash', input: { command } }], usage } : { text: 'Done.', usage };
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

test('the claude agent settles a conflict; without money it waits in the middle, and goes on in the same conversation', async () => {
  const project = projectName();
  const { path } = await newRepository();
  await system.import(conflictPlan(project, join(system.folder, 'begun')), path);
  const handle = await system.start({
    project,
    parallel: true,
    agent: 'claude',
    model: 'sonnet',
    budgetUsd: 0.05,
  });
  let status = await handle.query(statusQuery);
  while (status.state !== 'paused') {
    await new Promise((resolve) => setTimeout(resolve, 100));
    status = await handle.query(statusQuery);
  }
  expect(status.waits).toEqual([
    {
      reason: expect.stringContaining("paused: budget: the session's budget has $0.0100 left"),
      commands: [expect.stringContaining('--name setBudget')],
    },
  ]);
  expect(status.epics.find(({ lane }) => lane === 'epic-2')).toMatchObject({ status: 'mending' });
  expect(api.journal.map(({ turn }) => turn)).toEqual([0, 1]);
  expect(await git(`${path}/.worktrees/epic-2-part-2`, 'status', '--porcelain')).toBe('UU a.txt');
  await handle.executeUpdate(setBudgetUpdate, { args: [1] });

  const result = await handle.result();
  expect(result.status).toBe('complete');
  expect(result.costUsd).toBeCloseTo(0.08);
  expect(api.journal.map(({ turn }) => turn)).toEqual([0, 1, 2, 3]);
  expect(api.broken).toEqual([]);
  expect(prompts[0]).toContain('Resolve a merge conflict');
  expect(await git(path, 'show', 'main:a.txt')).toBe('1\ntwo zwei\n3');
  const { id: projectId } = (await findProject(system.db, project))!;
  const { id } = await getTask(system.db, { projectId, task: 2 });
  const tries = await listAttempts(system.db, id);
  expect(tries.map(({ purpose, status: end, agent }) => [purpose, end, agent])).toEqual([
    ['task', 'complete', 'script'],
    ['merge', 'complete', 'claude'],
  ]);
}, 120_000);

test('an agent that the API refuses before it has begun: the conflict is in the worktree for a person, and stays there', async () => {
  const environment = { ...process.env, ANTHROPIC_API_KEY: 'sk-ant-wrong', ANTHROPIC_BASE_URL: api.baseUrl };
  const refused = await startSystem({ environment });
  try {
    const project = projectName();
    const { path } = await newRepository();
    await refused.import(conflictPlan(project, join(refused.folder, 'begun')), path);
    const ended = await refused.run({ project, parallel: true, agent: 'claude' });
    expect(ended.result!.epics).toContainEqual(expect.objectContaining({ epic: 2, status: 'conflict' }));
    expect(await git(`${path}/.worktrees/epic-2-part-2`, 'status', '--porcelain')).toBe('UU a.txt');
    const { id: projectId } = (await findProject(refused.db, project))!;
    const [, mend] = await listAttempts(refused.db, (await getTask(refused.db, { projectId, task: 2 })).id);
    expect(mend).toMatchObject({ status: 'failed', reason: expect.stringContaining('the API refuses') });
  } finally {
    await refused.close();
  }
}, 120_000);

test('an epic that is cancelled while its try waits for money: the try is over, and undone, while the session goes on', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const go = `go-${project}`;
  await system.import(
    planOf(project, [
      { id: 1, epic: 1, action: 'Count', agent: 'claude' },
      { id: 2, epic: 2, action: `until [ -e ${system.folder}/${go} ]; do sleep 0.1; done` },
    ]),
    path,
  );
  const handle = await system.start({ project, parallel: true, model: 'sonnet', budgetUsd: 0.05 });
  const isPaused = async () => (await handle.query(statusQuery)).state === 'paused';
  expect(await waitUntil(isPaused, 60_000)).toBe(true);
  await write(`${path}/.worktrees/epic-1-part-1`, { 'half.txt': 'half' });
  await system.temporal.client.workflow.getHandle(`yokeflow-${project}/epic-1`).cancel();
  const { id: projectId } = (await findProject(system.db, project))!;
  const task = await getTask(system.db, { projectId, task: 1 });
  const isOver = async () => (await listAttempts(system.db, task.id))[0]!.status === 'cancelled';
  expect(await waitUntil(isOver, 60_000)).toBe(true);
  expect(await git(`${path}/.worktrees/epic-1-part-1`, 'status', '--porcelain')).toBe('');
  expect(await git(path, 'show', 'refs/yokeflow/wip/1/1:half.txt')).toBe('half');
  await write(system.folder, { [go]: '' });
  await expect(handle.result()).rejects.toThrow();
}, 180_000);
