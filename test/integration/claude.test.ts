import { priceOf } from '../../domain/pricing';
import { anthropicUsage } from '../../domain/token-usage';
import { seededFaults } from '../support/anthropic-faults';
import { startAnthropic, type AnthropicMock, type Reply } from '../support/anthropic-mock';
import { lastResults, turnOf, type AnthropicRequest } from '../support/anthropic-request';
import { statusQuery } from '../../workflows/messages';
import { git, newRepository, removeTemporaryFolders } from '../support/git-repository';
import { expectDependenciesContained } from '../support/invariants';
import { planOf } from '../support/plans';
import { projectName, startSystem, type System } from '../support/system';
import { sessionCost } from '../support/costs';
import { cli, endpointsOf } from '../client/captured-cli';

const taskNumber = (request: AnthropicRequest) =>
  Number(/# Task T(\d+)/.exec(JSON.stringify(request.messages[0]))![1]);

/** Three turns a task: look around and write in one, edit what was written, then say so. */
function editing(request: AnthropicRequest): Reply {
  const task = taskNumber(request);
  switch (turnOf(request)) {
    case 0:
      return {
        text: 'I look around first.',
        tools: [
          { name: 'bash', input: { command: 'ls' } },
          { name: 'write', input: { file_path: `made-${task}.txt`, content: `draft ${task}\n` } },
        ],
        usage: { input_tokens: 1_000, output_tokens: 200, cache_creation_input_tokens: 3_000 },
      };
    case 1:
      return {
        tools: [
          {
            name: 'edit',
            input: { file_path: `made-${task}.txt`, old_string: 'draft', new_string: 'final' },
          },
        ],
        usage: { input_tokens: 10, output_tokens: 100, cache_read_input_tokens: 3_000 },
      };
    default:
      return {
        text: `T${task} is done.`,
        usage: { input_tokens: 10, output_tokens: 50, cache_read_input_tokens: 3_200 },
      };
  }
}

const plan = (project: string) =>
  planOf(
    project,
    [
      { id: 1, epic: 1, action: 'Make made-1.txt' },
      { id: 2, epic: 1, action: 'Make made-2.txt', after: [1] },
      { id: 3, epic: 2, action: 'Make made-3.txt', after: [1] },
    ].map((task) => ({ ...task, agent: 'claude' as const })),
    { verify: 'for f in made-*.txt; do grep -q final "$f"; done' },
  );

let api: AnthropicMock;
let system: System;

async function open(
  script: (request: AnthropicRequest) => Reply | Promise<Reply>,
  faults?: Parameters<typeof startAnthropic>[0]['faults'],
) {
  api = await startAnthropic({ script, ...(faults ? { faults } : {}) });
  const environment = { ...process.env, ANTHROPIC_API_KEY: api.apiKey, ANTHROPIC_BASE_URL: api.baseUrl };
  system = await startSystem({ environment, secrets: [api.apiKey] });
}

afterEach(async () => {
  await system.close();
  await api.close();
});
afterAll(removeTemporaryFolders);

test('two epics: the model edits with its tools, commits land on main, cost is exact', async () => {
  await open(editing);
  const project = projectName();
  const { path } = await newRepository();
  await system.import(plan(project), path);
  const ended = await system.run({ project, parallel: true, model: 'haiku' });
  expect(ended).toMatchObject({ outcome: 'complete', result: { tasks: { complete: 3 } } });
  expect(await git(path, 'grep', '-h', '.', 'main', '--', 'made-*')).toBe('final 1\nfinal 2\nfinal 3');
  await expectDependenciesContained(system.db, project, path);
  expect(api.broken).toEqual([]);
  expect(api.journal).toHaveLength(9);

  const model = api.journal[0]!.request.model;
  const usages = [
    { input_tokens: 1_000, output_tokens: 200, cache_creation_input_tokens: 3_000 },
    { input_tokens: 10, output_tokens: 100, cache_read_input_tokens: 3_000 },
    { input_tokens: 10, output_tokens: 50, cache_read_input_tokens: 3_200 },
  ];
  const perTask = usages.reduce((sum, usage) => sum + priceOf(model, anthropicUsage(usage))!, 0);
  expect(await sessionCost(system.db, ended.result!.sessionId)).toEqual({ nano: 3 * perTask, events: 9 });
  expect(ended.result!.costUsd).toBeCloseTo((3 * perTask) / 1e9, 9);

  const message = await git(
    path,
    'log',
    '--no-merges',
    '--grep=YokeFlow-Task: 3',
    '--format=%(trailers)',
    'main',
  );
  expect(message.split('\n').slice(2)).toEqual([
    'YokeFlow-Attempt: 1',
    'YokeFlow-Agent: claude',
    `YokeFlow-Model: ${model}`,
    `YokeFlow-Cost: ${(perTask / 1e9).toFixed(6)} USD`,
  ]);
  const shown = await cli(['show', '3', '--project', project], endpointsOf(system.databaseUrl));
  expect(shown.stdout).toMatch(
    /^T3 Task 3: complete\nEpic 2 Part 2\nTry 1 {2}complete after .* by claude, \S+, 3 turns, 0\.\d+ USD, session 1\n/,
  );
});

test('one response in ten fails: everything lands, every turn is recorded once', async () => {
  await open(editing, seededFaults({ seed: 7, share: 0.1 }));
  const project = projectName();
  const { path } = await newRepository();
  await system.import(plan(project), path);
  expect(await system.run({ project, parallel: true, model: 'haiku' })).toMatchObject({
    outcome: 'complete',
  });
  expect(api.broken).toEqual([]);
  const completed = api.journal.filter((entry) => entry.completed && entry.status === 200);
  expect(new Set(completed.map((entry) => `${entry.task}/${entry.turn}`)).size).toBe(9);
  const { rows } = await system.db.query<{ count: number }>(
    `select count(*)::int as count from yokeflow.agent_turns where kind = 'response'`,
  );
  expect(rows[0]!.count).toBe(9);
});

test('verify fails: its output goes into the next attempt, with a stronger model when it is auto', async () => {
  await open((request) => {
    const again = JSON.stringify(request.messages[0]).includes('What went wrong before');
    if (turnOf(request) > 0) return { text: 'done' };
    return {
      tools: [{ name: 'bash', input: { command: again ? 'echo right > answer' : 'echo wrong > answer' } }],
    };
  });
  const project = projectName();
  const { path } = await newRepository();
  await system.import(
    planOf(project, [
      { id: 1, epic: 1, action: 'Fix the typo', agent: 'claude', verify: 'cat answer; grep -q right answer' },
    ]),
    path,
  );
  expect(await system.run({ project, parallel: true, model: 'auto' })).toMatchObject({ outcome: 'complete' });
  const starts = api.journal.filter((entry) => entry.turn === 0);
  expect(starts).toHaveLength(2);
  expect(starts[1]!.raw).toContain('verify ended with exit code 1');
  expect(starts[1]!.request.model).not.toBe(starts[0]!.request.model);
  expect(await git(path, 'show', 'main:answer')).toBe('right');
});

test('budget: three agents together pause before the breach, setBudget goes on in the same conversations, to the cent', async () => {
  const turn = { input_tokens: 0, output_tokens: 1_000 }; // Opus 5.5: 20 USD a million, so 0.02 USD a turn.
  await open((request) =>
    turnOf(request) < 4
      ? {
          tools: [{ name: 'bash', input: { command: `echo ${turnOf(request)} >> turns-$YOKEFLOW_TASK` } }],
          usage: turn,
        }
      : { text: 'done', usage: turn },
  );
  const project = projectName();
  const { path } = await newRepository();
  const each = [1, 2, 3].map((id) => ({ id, epic: id, action: 'Count', agent: 'claude' as const }));
  await system.import(planOf(project, each), path);
  const handle = await system.start({ project, parallel: true, model: 'opus', budgetUsd: 0.05 });
  const view = () => handle.query(statusQuery);
  while ((await view()).state !== 'paused' || !(await view()).costUsd)
    await new Promise((resolve) => setTimeout(resolve, 100));
  const { waits, costUsd, budgetUsd } = await view();
  expect({ costUsd, budgetUsd }).toEqual({ costUsd: 0.02, budgetUsd: 0.05 });
  expect(waits[0]!.reason).toMatch(
    /^paused: budget: the session's budget has \$0\.0\d+ left, and another turn may take/,
  );
  expect(api.journal.length * 0.02).toBeLessThanOrEqual(0.05);
  await handle.executeUpdate('setBudget', { args: [1] });
  const result = await handle.result();
  expect(result.costUsd).toBeCloseTo(0.3, 9);
  expect(api.journal.map(({ request, turn: n }) => `${taskNumber(request)}/${n}`).sort()).toEqual(
    [1, 2, 3].flatMap((task) => [0, 1, 2, 3, 4].map((n) => `${task}/${n}`)),
  );
});

test('no API key: one line that says what to do, before any worktree is made', async () => {
  await open(editing);
  await system.close();
  const environment = { ...process.env, ANTHROPIC_API_KEY: '' };
  system = await startSystem({ environment });
  const project = projectName();
  const { path } = await newRepository();
  await system.import(plan(project), path);
  const ended = await system.run({ project, parallel: true });
  expect(ended.outcome).toBe('AgentUnavailable');
  expect(ended.message).toMatch(
    /^no API key for the agent "claude": set ANTHROPIC_API_KEY=.*--agent script$/,
  );
  expect(await git(path, 'worktree', 'list', '--porcelain')).not.toContain('.worktrees');
});

test('a wrong key stops the task at once, and is found nowhere', async () => {
  await open(editing);
  await system.close();
  const key = 'sk-ant-wrong-0123456789abcdef';
  const environment = { ...process.env, ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: api.baseUrl };
  system = await startSystem({ environment, secrets: [key] });
  const project = projectName();
  const { path } = await newRepository();
  await system.import(plan(project), path);
  const ended = await system.run({ project, parallel: true });
  expect(ended.result!.problems[0]).toMatchObject({
    status: 'failed',
    reason: expect.stringMatching(/key/i),
  });
  expect(JSON.stringify(ended)).not.toContain(key);
  expect(api.journal.length).toBeLessThanOrEqual(1);
});

test('a planted key is found in no row of the database and in no history', async () => {
  const planted = 'sk-ant-planted-0123456789abcdef0123';
  await open((request) =>
    turnOf(request) === 0
      ? { tools: [{ name: 'bash', input: { command: `echo ${planted}; echo ${planted} >&2; exit 1` } }] }
      : { text: `The key is ${planted}: ${lastResults(request)[0]!.text.length}` },
  );
  const project = projectName();
  const { path } = await newRepository();
  await system.import(
    planOf(
      project,
      [{ id: 1, epic: 1, action: 'Print it', agent: 'claude', verify: `echo ${planted}; exit 1` }],
      {},
    ),
    path,
  );
  const handle = await system.start({ project, parallel: true, maxAttempts: 2 });
  await handle.result().catch(() => undefined);
  const dump: string[] = [];
  for (const table of ['task_attempts', 'agent_turns', 'events', 'sessions']) {
    const { rows } = await system.db.query(`select * from yokeflow.${table}`);
    dump.push(JSON.stringify(rows));
  }
  const histories = await Promise.all(
    [`yokeflow-${project}`, `yokeflow-${project}/epic-1`].map(async (id) =>
      JSON.stringify(await system.temporal.client.workflow.getHandle(id).fetchHistory()),
    ),
  );
  expect(dump.join('')).toContain('[redacted]');
  expect(dump.join('')).not.toContain(planted);
  for (const history of histories) {
    expect(history).not.toContain(planted);
    expect(history).not.toContain(Buffer.from(planted).toString('base64').slice(4, 24));
  }
});
