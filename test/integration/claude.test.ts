import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { priceOf } from '../../domain/cost/pricing';
import { anthropicUsage } from '../../domain/cost/token-usage';
import { seededFaults } from '../support/anthropic-faults';
import { startAnthropic, type AnthropicMock, type Reply } from '../support/anthropic-mock';
import { lastResults, turnOf, type AnthropicRequest } from '../support/anthropic-request';
import { statusQuery } from '../../workflows/messages';
import { git, newRepository, removeTemporaryFolders } from '../support/git-repository';
import { expectDependenciesContained } from '../support/invariants';
import { planOf } from '../support/plans';
import { projectName, startSystem, type System } from '../support/system';
import { sessionCost } from '../support/costs';
import { testTemporal } from '../support/services';
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

/** Twelve turns a task, a line each. */
function working(request: AnthropicRequest): Reply {
  const [task, turn] = [taskNumber(request), turnOf(request)];
  if (turn === 11) return { text: `T${task} is done.` };
  const line = turn === 10 ? 'final' : turn;
  return { tools: [{ name: 'bash', input: { command: `echo ${line} >> made-${task}.txt` } }] };
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
  await open(working, seededFaults({ seed: 106, share: 0.1 }));
  const project = projectName();
  const { path } = await newRepository();
  await system.import(plan(project), path);
  expect(await system.run({ project, parallel: true, model: 'haiku' })).toMatchObject({
    outcome: 'complete',
  });
  expect(api.broken).toEqual([]);
  const [completed, failed] = [true, false].map((whole) =>
    api.journal.filter((entry) => (entry.completed && entry.status === 200) === whole),
  );
  // 429 with and without retry-after, 500, and a stream that broke off.
  expect(failed!.map(({ status }) => status).sort()).toEqual([200, 429, 429, 500]);
  expect(completed!.map(({ request, turn }) => `${taskNumber(request)}/${turn}`).sort()).toEqual(
    [1, 2, 3].flatMap((task) => Array.from({ length: 12 }, (_, turn) => `${task}/${turn}`)).sort(),
  );
  const { rows } = await system.db.query<{ count: number }>(
    `select count(*)::int as count from yokeflow.agent_turns where kind = 'response'`,
  );
  expect(rows[0]!.count).toBe(36);
  for (const task of [1, 2, 3])
    expect(await git(path, 'show', `main:made-${task}.txt`)).toBe('0\n1\n2\n3\n4\n5\n6\n7\n8\n9\nfinal');
});

test('auto chooses by the task, and says why in its event; nothing that a repository or an agent plants takes effect', async () => {
  const hook = 'd=$(git rev-parse --git-common-dir)';
  const trap = 'printf "#!/bin/sh\\ntouch $PWD.trapped\\ncat\\n"';
  const plant = [
    hook,
    'mkdir -p $d/hooks',
    `for h in post-checkout pre-commit post-commit post-merge reference-transaction commit-msg; do ${trap} > $d/hooks/$h; chmod +x $d/hooks/$h; done`,
    `${trap} > evil.sh && chmod +x evil.sh`,
    'echo "* filter=evil merge=evil diff=evil" > .gitattributes',
    'ln -s /etc to-etc; ln -s /proc/self/environ CLAUDE.md',
    'for k in core.fsmonitor filter.evil.clean filter.evil.smudge merge.evil.driver diff.evil.command credential.helper; do git config $k $PWD/evil.sh; done',
  ].join('\n');
  await open((request) => {
    if (taskNumber(request) === 2) return { text: 'nothing to do' };
    if (turnOf(request) === 1) return { text: 'planted' };
    const write = (file: string) => ({ name: 'write', input: { file_path: file, content: 'planted' } });
    const bash = { name: 'bash', input: { command: plant } };
    return { tools: [bash, ...['to-etc/planted', '../planted', '.git/hooks/pre-commit', '.git'].map(write)] };
  });
  const project = projectName();
  const { path } = await newRepository();
  const tasks = [
    { id: 1, epic: 1, action: 'Fix a typo', agent: 'claude' as const },
    { id: 2, epic: 1, action: 'Look', after: [1], agent: 'claude' as const },
    { id: 3, epic: 2, action: 'echo 3 > f3', after: [1] },
  ];
  await system.import(planOf(project, tasks), path);
  const ended = await system.run({ project, parallel: true, model: 'auto' });
  expect(ended).toMatchObject({ outcome: 'complete', result: { tasks: { complete: 3 } } });
  const files = await readdir(path, { recursive: true });
  expect(files.filter((name) => name.includes('trapped'))).toEqual([]);
  expect(await readdir(join(path, '.worktrees')).catch(() => [])).toEqual([]);
  await expect(access('/etc/planted')).rejects.toThrow('ENOENT');
  const refused = lastResults(api.journal.find(({ turn }) => turn === 1)!.request).slice(1);
  expect(refused.map(({ isError }) => isError)).toEqual([true, true, true, true]);
  const second = api.journal.find(({ request }) => taskNumber(request) === 2)!;
  expect(second.raw).not.toContain('project_rules');
  const { rows } = await system.db.query<{ data: { modelReason: string } }>(
    `select data from yokeflow.events where type = 'task_started' and task_number = 1`,
  );
  expect(rows[0]!.data).toMatchObject({
    model: 'claude-haiku-5-5',
    modelReason: 'auto: haiku: a short chore ("typo")',
  });
  const shown = await cli(['show', '1', '--project', project], endpointsOf(system.databaseUrl));
  expect(shown.stdout).toContain('session 1\n       auto: haiku: a short chore ("typo")\n');
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
  const [, base, ref] = /git diff (\w+) (refs\/yokeflow\/wip\/1\/1)/.exec(starts[1]!.task)!;
  expect(await git(path, 'diff', base!, ref!)).toContain('+wrong');
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

test('a bill that is refused in the middle of the work pauses the session; resumed, the conversation goes on', async () => {
  const refusal = { kind: 'status', status: 400, message: 'Your credit balance is too low' } as const;
  const busy = { kind: 'status', status: 429, retryAfter: 5 } as const;
  let seen = false;
  let served = 0;
  // Busy until `status` has told of it; then the second call is refused.
  await open(editing, () => (!seen ? busy : (served += 1) === 2 ? refusal : null));
  const project = projectName();
  const { path } = await newRepository();
  await system.import(planOf(project, [{ id: 1, epic: 1, action: 'Make it', agent: 'claude' }]), path);
  const handle = await system.start({ project, parallel: true });
  const view = () => handle.query(statusQuery);
  const { address } = testTemporal();
  const status = () => cli(['status', '--project', project], endpointsOf(system.databaseUrl, address));
  // Meanwhile `status` says what it waits for.
  while (!/T1 tried again after: the API is busy.*429/.test((await status()).stdout))
    expect((await view()).state).not.toBe('paused');
  seen = true;
  const before = api.journal.length;
  while ((await view()).state !== 'paused') await new Promise((resolve) => setTimeout(resolve, 100));
  expect((await view()).waits[0]!.reason).toMatch(
    /^paused: account: the API refuses: .*; settle the billing/,
  );
  await handle.executeUpdate('resume');
  expect((await handle.result()).status).toBe('complete');
  expect(api.journal.slice(0, before).every(({ turn }) => turn === 0)).toBe(true);
  expect(api.journal.slice(before).map(({ turn }) => turn)).toEqual([0, 1, 1, 2]);
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
      ? {
          tools: [{ name: 'bash', input: { command: 'seq 9000; cat key; cat key >&2; exit 1' } }],
        }
      : { text: `The key is ${planted}: ${lastResults(request)[0]!.text.length}` },
  );
  const project = projectName();
  const { path } = await newRepository({ key: `${planted}\n` });
  await system.import(
    planOf(project, [{ id: 1, epic: 1, action: 'Print it', agent: 'claude', verify: 'cat key; exit 1' }], {}),
    path,
  );
  const handle = await system.start({ project, parallel: true, maxAttempts: 2 });
  await handle.result().catch(() => undefined);
  expect(api.broken).toEqual([]);
  const dump: string[] = [];
  const tables = await system.db.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'yokeflow'`,
  );
  expect(tables.rows.length).toBeGreaterThan(10);
  for (const { name } of tables.rows) {
    const { rows } = await system.db.query(`select t::text from yokeflow.${name} t`);
    dump.push(JSON.stringify(rows));
  }
  const outputs = join(system.folder, 'outputs');
  for (const file of await readdir(outputs, { recursive: true, withFileTypes: true }))
    if (file.isFile()) dump.push(`output ${await readFile(join(file.parentPath, file.name), 'utf8')}`);
  expect(dump.filter((text) => text.startsWith('output '))).toHaveLength(2);
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

test('nor in what the Web UI shows of a running verify', async () => {
  const planted = 'sk-ant-planted-0123456789abcdef0123';
  await open(editing);
  const project = projectName();
  const { path } = await newRepository({ key: `${planted}\n` });
  const seen = join(system.folder, 'seen');
  const verify = `cat key; until [ -e ${seen} ]; do sleep 0.1; done`;
  await system.import(
    planOf(project, [{ id: 1, epic: 1, action: 'true', agent: 'script', verify }], {}),
    path,
  );
  const handle = await system.start({ project, parallel: true });
  const running = system.temporal.client.workflow.getHandle(`yokeflow-${project}/epic-1`);
  const shown = async () => {
    const { raw } = await running.describe().catch(() => ({ raw: null }));
    const details = (raw?.pendingActivities ?? []).map(
      ({ heartbeatDetails }) => heartbeatDetails?.payloads ?? [],
    );
    return details.flat().map(({ data }) => Buffer.from(data ?? []).toString());
  };
  let last = '';
  while (!/verifying: ./.test(last)) {
    last = (await shown()).join('');
    await sleep(200);
  }
  expect(last).toContain('verifying: [redacted]');
  await writeFile(seen, '');
  await handle.result();
});
