import { failAttempt } from '../../../db/task/attempt-end';
import { finishAgent } from '../../../db/task/attempt-progress';
import { setSessionStatus } from '../../../db/session/session-pause';
import { openFixture, type Fixture } from '../../db/database';
import { runningSession, type RunningSession } from '../../db/scenario';
import { startTry, usage, type Trying } from '../attempts';
import { cli, endpointsOf } from '../captured-cli';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const transcript = ({ session }: RunningSession, ...more: string[]) =>
  cli(['transcript', ...more, '--project', session.project], endpointsOf(fixture.url));

/** Without what differs from run to run. */
const stable = (text: string) =>
  text
    .replaceAll(/\d\d:\d\d:\d\d/g, 'hh:mm:ss')
    .replaceAll(/after [\d.]+ s/g, 'after s')
    .replaceAll(/in session \d+/g, 'in session N')
    .replaceAll(/project-\d+/g, 'project');

const fail = ({ attempt, token }: Trying, reason: string, outputTail?: string) =>
  failAttempt(fixture.db, { attemptId: attempt.id, token, reason, outputTail, retrying: true });

const model = 'claude-sonnet-5-5';
const call = (id: string, name: string, input: object) => ({ type: 'tool_use', id, name, input });
const said = (text: string) => ({ type: 'text', text });
const result = (id: string, content: unknown, isError = false) => ({
  type: 'tool_result',
  tool_use_id: id,
  content,
  ...(isError ? { is_error: true } : {}),
});
const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => `line ${index + 1}`).join('\n');

/** A conversation as the `claude` agent records it, cut off in its second tool call. */
async function conversation(running: RunningSession): Promise<Trying> {
  const trying = await startTry(fixture.db, running, { task: 1, agent: 'claude', model });
  const reason = 'auto: sonnet: neither a chore nor hard by its description';
  const edit = { file_path: 'src/a.ts', old_string: 'let a;\nlet b;', new_string: 'const a = 1;' };
  await trying.record({ n: 0, kind: 'note', toolUseId: 'model', payload: { model, reason } });
  await trying.record({ n: 0, kind: 'prompt', payload: { task: numbered(20), system: 'Rules', model } });
  await trying.record({
    n: 1,
    kind: 'response',
    payload: {
      model,
      content: [
        { type: 'thinking', thinking: 'Look first.', signature: 's' },
        said('I look at the \u001b[31mtests\u001b[0m.'),
        call('a', 'bash', { command: 'npm test', timeout_seconds: 60 }),
        call('b', 'edit', edit),
      ],
    },
    usage: usage(1_234, 56, 3_000, 20_000),
    costNano: 12_300_000,
  });
  await trying.record({ n: 1, kind: 'begin', toolUseId: 'a', payload: { name: 'bash' } });
  await trying.record({ n: 1, kind: 'result', toolUseId: 'a', payload: result('a', numbered(30), true) });
  await trying.record({ n: 1, kind: 'begin', toolUseId: 'b', payload: { name: 'edit' } });
  await trying.record({
    n: 2,
    kind: 'note',
    toolUseId: 'failed-call-1',
    payload: { failedCall: 'overloaded', reservedNano: 1 },
    usage: { ...usage(10, 0), usage_complete: false },
    costNano: 20_000,
  });
  return trying;
}

it('tells prompt, text, calls, results, notes and costs, shortened', async () => {
  const running = await runningSession(fixture.db);
  const trying = await conversation(running);
  await fail(trying, 'verify failed\n1 test failed', 'FAIL a.test.ts');
  const { code, stdout } = await transcript(running, '1');
  expect(code).toBe(0);
  expect(stable(stdout)).toMatchInlineSnapshot(`
   "T1 Task 1: try 1 of 1 by claude, claude-sonnet-5-5, in session N
     * model claude-sonnet-5-5: auto: sonnet: neither a chore nor hard by its description
   Prompt
     line 1
     line 2
     line 3
     … 16 more lines, shown by --full
     line 20

     Rules

   Turn 1  hh:mm:ss  1,234 in, 56 out, 3,000 to cache, 20,000 from cache, 0.01 USD
     I look at the ␛[31mtests␛[0m.
     > bash npm test timeout_seconds=60
     > edit src/a.ts new_string="const a = 1;" old_string="let a; ⏎ let b;"
     < bash npm test timeout_seconds=60
       line 1
       line 2
       line 3
       line 4
       … 22 more lines, shown by --full
       line 27
       line 28
       line 29
       line 30
     * a model call failed: overloaded (10 in, 0.000020 USD)
     ! edit src/a.ts new_string="const a = 1;" old_string="let a; ⏎ let b;": interrupted, its outcome is unknown

   Output
     FAIL a.test.ts

   Try 1: failed after s, 0.01 USD: verify failed
   1 test failed"
  `);
});

it('--full leaves nothing out', async () => {
  const running = await runningSession(fixture.db);
  await conversation(running);
  const { stdout } = await transcript(running, 'T1', '--full');
  for (const text of ['line 13', '(thinking)', 'Look first.', 'Rules', 'timeout_seconds: 60'])
    expect(stdout).toContain(text);
  expect(stdout).toContain('old_string:\n        let a;\n        let b;\n');
  expect(stdout).not.toContain('\u001b');
});

it('results of parallel calls are told apart', async () => {
  const running = await runningSession(fixture.db);
  const trying = await startTry(fixture.db, running, { task: 1, agent: 'claude', model });
  const content = [call('a', 'read', { file_path: 'a.ts' }), call('b', 'read', { file_path: 'b.ts' })];
  await trying.record({
    n: 1,
    kind: 'response',
    payload: { model, content },
    usage: usage(1, 1),
    costNano: null,
  });
  await trying.record({ n: 1, kind: 'result', toolUseId: 'a', payload: result('a', 'A') });
  await trying.record({ n: 1, kind: 'result', toolUseId: 'b', payload: result('b', '') });
  expect(stable((await transcript(running, '1')).stdout)).toMatchInlineSnapshot(`
   "T1 Task 1: try 1 of 1 by claude, claude-sonnet-5-5, in session N

   Turn 1  hh:mm:ss  1 in, 1 out, cost unknown
     > read a.ts
     > read b.ts
     < read a.ts
       A
     < read b.ts
       (nothing)

   Still running. Follow it: yokeflow transcript 1 --project project --follow"
  `);
});

it('Claude Code: parts of a response in one turn, and what the run cost beyond it', async () => {
  const running = await runningSession(fixture.db);
  const trying = await startTry(fixture.db, running, { task: 1, agent: 'claude-code', model });
  const message = (...content: object[]) => ({ id: 'm', model, content, usage: usage(5, 1) });
  await trying.record({ n: 0, kind: 'session', toolUseId: 's', payload: { id: 'abc' } });
  await trying.record({
    n: 1,
    kind: 'response',
    payload: message(said('Hello')),
    usage: usage(5, 1),
    costNano: 20_000,
  });
  await trying.record({ n: 1, kind: 'note', toolUseId: 'u', payload: message(said('and more')) });
  const bash = call('c', 'Bash', { command: 'ls', description: 'List files' });
  await trying.record({ n: 1, kind: 'begin', toolUseId: 'c', payload: bash });
  const blocks = [{ type: 'text', text: 'a.ts' }, { type: 'image' }];
  await trying.record({ n: 1, kind: 'result', toolUseId: 'c', payload: result('c', blocks) });
  const outcome = { kind: 'failed', reason: 'gave up' };
  await trying.record({
    n: 1,
    kind: 'note',
    toolUseId: 'r',
    payload: { event: {}, outcome },
    costNano: 30_000,
  });
  expect(stable((await transcript(running, '1')).stdout)).toMatchInlineSnapshot(`
   "T1 Task 1: try 1 of 1 by claude-code, claude-sonnet-5-5, in session N
     * conversation abc

   Turn 1  hh:mm:ss  5 in, 1 out, 0.000020 USD
     Hello
     and more
     > Bash ls description="List files"
       a.ts
       [image]
     * the CLI ended: failed, gave up (0.000030 USD)

   Still running. Follow it: yokeflow transcript 1 --project project --follow"
  `);
});

it('Codex: commands with their output, files, its usage at the end', async () => {
  const running = await runningSession(fixture.db);
  const trying = await startTry(fixture.db, running, { task: 1, agent: 'codex', model: 'gpt-9' });
  const items = [
    { id: 'i1', type: 'command_execution', command: 'ls', aggregated_output: 'a.ts\n', exit_code: 0 },
    { id: 'i2', type: 'command_execution', command: 'false', aggregated_output: '', exit_code: 1 },
    { id: 'i3', type: 'file_change', changes: [{ path: 'a.ts', kind: 'update' }] },
    { id: 'i4', type: 'agent_message', text: 'Done.' },
    { id: 'i5', type: 'something_new', what: 1 },
  ];
  for (const [index, payload] of items.entries())
    await trying.record({ n: index + 1, kind: 'response', payload });
  for (const [index, payload] of [{ brokeOff: 'stream closed' }, { heldFor: 'usage limit' }].entries())
    await trying.record({ n: 5, kind: 'note', toolUseId: `note-${index}`, payload });
  const counts = { input_tokens: 100, cached_input_tokens: 60, output_tokens: 7 };
  const payload = { thread: 't', threadUsage: counts, outcome: { kind: 'done' } };
  await trying.record({ n: 5, kind: 'note', toolUseId: 'usage-5', payload, usage: counts, costNano: null });
  expect(stable((await transcript(running, '1')).stdout)).toMatchInlineSnapshot(`
   "T1 Task 1: try 1 of 1 by codex, gpt-9, in session N

   Turn 1  hh:mm:ss
     > shell ls
       a.ts

   Turn 2  hh:mm:ss
     > shell false
       [exit code 1]

   Turn 3  hh:mm:ss
     * changed files: update a.ts

   Turn 4  hh:mm:ss
     Done.

   Turn 5  hh:mm:ss
     * {"id":"i5","type":"something_new","what":1}
     * an answer of the API broke off: stream closed
     * a limit holds it: usage limit
     * the CLI ended: done (40 in, 7 out, 60 from cache, cost unknown)

   Still running. Follow it: yokeflow transcript 1 --project project --follow"
  `);
});

it('says of a try at the merge what it was for', async () => {
  const running = await runningSession(fixture.db);
  const { attempt } = await startTry(fixture.db, running, { task: 1, agent: 'claude', model });
  await fixture.db.query(`update yokeflow.task_attempts set purpose = 'merge' where id = $1`, [attempt.id]);
  expect(stable((await transcript(running, '1')).stdout).split('\n')[0]).toBe(
    "T1 Task 1: try 1 of 1 by claude, claude-sonnet-5-5, in session N, to settle its epic's merge",
  );
});

it('a script: its output, and the try that is asked for', async () => {
  const running = await runningSession(fixture.db);
  const first = await startTry(fixture.db, running, { task: 1, agent: 'script' });
  await fail(first, 'the script ended with exit code 1: boom', `${numbered(40)}\n\u001b[31mboom`);
  const second = await startTry(fixture.db, running, { task: 1, agent: 'script' });
  const { attempt, token } = second;
  await finishAgent(fixture.db, { attemptId: attempt.id, token, outcome: 'done', outputTail: 'fine' });
  await fail(second, 'verify failed');
  expect(stable((await transcript(running, '1', '--attempt', '1')).stdout)).toMatchInlineSnapshot(`
   "T1 Task 1: try 1 of 2 by script, in session N

   Output
     line 1
     line 2
     line 3
     line 4
     line 5
     line 6
     line 7
     line 8
     line 9
     line 10
     … 21 more lines, shown by --full
     line 32
     line 33
     line 34
     line 35
     line 36
     line 37
     line 38
     line 39
     line 40
     ␛[31mboom

   Try 1: failed after s: the script ended with exit code 1: boom"
  `);
  expect(stable((await transcript(running, '1')).stdout)).toContain('Output\n  fine\n');
});

it('--json: the attempt, then an entry a line, without a control character', async () => {
  const running = await runningSession(fixture.db);
  const trying = await conversation(running);
  const lines = (await transcript(running, '1', '--json')).stdout
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; kind?: string });
  expect(lines.map(({ type, kind }) => kind ?? type)).toEqual([
    ...['attempt', 'note', 'prompt', 'response', 'begin', 'result', 'begin', 'note'],
  ]);
  expect(lines[0]).toMatchObject({ id: trying.attempt.id, number: 1, status: 'running' });
  expect(lines[3]).toMatchObject({ attempt: 1, n: 1, costUsd: 0.0123, usage: { output_tokens: 56 } });
});

it('--follow shows what is added, says that the session waits, and ends with the attempt', async () => {
  const running = await runningSession(fixture.db);
  const trying = await startTry(fixture.db, running, { task: 1, agent: 'claude', model });
  let told = () => {};
  const notice = new Promise<void>((resolve) => (told = resolve));
  const argv = ['transcript', '1', '--follow', '--project', running.session.project];
  const following = cli(argv, endpointsOf(fixture.url), '/', {}, undefined, () => told());
  const answer = (n: number, text: string) =>
    trying.record({
      n,
      kind: 'response',
      payload: { model, content: [said(text)] },
      usage: usage(1, 1),
      costNano: 1,
    });
  await answer(1, 'first');
  const { id: sessionId } = running.session;
  await setSessionStatus(fixture.db, { sessionId, status: 'paused', reason: 'budget: spent' });
  await notice;
  await answer(2, 'second');
  await fail(trying, 'out of time');
  const { code, stdout, stderr } = await following;
  expect({ code, stderr: stable(stderr) }).toEqual({
    code: 0,
    stderr: 'the session is paused: budget: spent; see yokeflow status --project project',
  });
  expect(stdout.match(/first|second|Try 1: failed/g)).toEqual(['first', 'second', 'Try 1: failed']);
});

it.each([
  [['1'], 'T1 was not tried yet: see yokeflow status --project project'],
  [['9'], 'task 9 is not in the plan: see yokeflow plan show --project project'],
  [['3', '--attempt', '2'], '--attempt: T3 has no try 2; it has 1 to 1'],
])('%j: %s', async (line, message) => {
  const running = await runningSession(fixture.db);
  await startTry(fixture.db, running, { task: 3, agent: 'script' });
  const { code, stderr } = await transcript(running, ...line);
  expect({ code, stderr: stable(stderr) }).toEqual({ code: 2, stderr: `yokeflow: ${message}` });
});
