import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentRequest, TranscriptEntry } from '../../../agents/contract/agent';
import { createClaudeCodeAgent } from '../../../agents/claude-code/agent';
import type { ClaudeCodeOptions } from '../../../agents/claude-code/options';
import { fakeCli, recordedRequest, type FakeCli, type Step } from '../cli/fake-cli';
import { marker, processesWith, until } from '../cli/processes';

let cli: FakeCli;
beforeEach(async () => (cli = await fakeCli('claude')));
afterEach(() => cli.remove());

const MODEL = 'claude-sonnet-5-5';
const USAGE = { input_tokens: 1000, output_tokens: 50 };
/** 1000 x $2 + 50 x $10 per million tokens. */
const PRICE = 2_500_000;

const says = (id: string, block: object, usage: object = USAGE, model = MODEL): Step => ({
  emit: {
    type: 'assistant',
    uuid: `${id}-${JSON.stringify(block).length}`,
    message: { id, model, content: [block], usage },
  },
});
const text = (words: string) => ({ type: 'text', text: words });
const call = (id: string, command: string) => ({ type: 'tool_use', id, name: 'Bash', input: { command } });
const gave = (id: string, content = 'ok'): Step => ({
  emit: {
    type: 'user',
    message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content }] },
  },
});
const result = (fields: object = {}): Step => ({
  emit: {
    type: 'result',
    uuid: 'r',
    subtype: 'success',
    is_error: false,
    result: 'All done.',
    total_cost_usd: 0.01,
    ...fields,
  },
});
const refused = (status: number | null, said: string, error = 'unknown'): Step[] => [
  {
    emit: {
      type: 'assistant',
      uuid: 's',
      error,
      message: { id: 's', model: '<synthetic>', content: [text(said)], usage: {} },
    },
  },
  result({ is_error: true, api_error_status: status, result: said, total_cost_usd: 0 }),
  { exit: 1 },
];

function start(
  changes: Partial<AgentRequest> = {},
  entries: TranscriptEntry[] = [],
  options: Partial<ClaudeCodeOptions> = {},
) {
  const recording = recordedRequest(cli, changes, entries);
  const agent = createClaudeCodeAgent({ stateDirectory: cli.state, apiKey: 'sk-test-key-1', ...options });
  return { ...recording, outcome: agent.run(recording.request) };
}

const kinds = (entries: TranscriptEntry[]) => entries.map(({ n, kind }) => `${n} ${kind}`);
const HAPPY: Step[] = [
  says('m1', text('I look.')),
  says('m1', call('t1', 'ls -l')),
  gave('t1'),
  says('m2', text('Ready.')),
  result(),
];

describe('a run that ends well', () => {
  test('goes on while the database is away for a moment', async () => {
    await cli.plan(HAPPY);
    const failed = new Set<string>();
    const once = (what: string) => {
      if (failed.has(what)) return;
      failed.add(what);
      throw Object.assign(new Error('away'), { type: 'DatabaseUnavailable' });
    };
    const known = recordedRequest(cli);
    const record = async (entry: TranscriptEntry) => {
      once(entry.kind);
      await known.request.transcript.record(entry);
    };
    const budget = async () => {
      if (known.entries.some(({ kind }) => kind === 'result')) once('budget');
      return known.request.budget();
    };
    const { outcome } = start({ transcript: { ...known.request.transcript, record }, budget });
    expect(await outcome).toEqual({ kind: 'done', output: 'All done.' });
    expect(failed).toContain('budget');
    expect(kinds(known.entries)).toContain('2 response');
    expect(await cli.calls()).toHaveLength(1);
  });

  test('is told the whole prompt, with the documented flags and a settings folder of its own', async () => {
    await cli.plan(HAPPY);
    const { outcome, entries } = start();
    expect(await outcome).toEqual({ kind: 'done', output: 'All done.' });
    const { args, env, input, cwd } = (await cli.calls())[0]!;
    const { id } = entries.find(({ kind }) => kind === 'session')!.payload as { id: string };
    expect(args.join(' ')).toBe(
      `-p --output-format stream-json --verbose --model ${MODEL} --session-id ${id} ` +
        '--dangerously-skip-permissions --setting-sources user --strict-mcp-config ' +
        '--disallowedTools EnterWorktree,ExitWorktree,Agent(isolation:worktree),Agent(isolation:remote),ScheduleWakeup,CronCreate,Monitor',
    );
    expect(input).toBe('SYSTEM\n\nTASK\n');
    expect(cwd).toBe(cli.directory);
    expect(env).toMatchObject({
      ANTHROPIC_API_KEY: 'sk-test-key-1',
      CLAUDE_CONFIG_DIR: join(cli.state, `7-${id}`),
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
      BASH_MAX_TIMEOUT_MS: '20000',
    });
  });

  test('with plan tools: an MCP server of its own project, in a file for its owner alone that goes afterwards', async () => {
    const planTools = {
      program: '/opt/yokeflow/main.js',
      environment: { DATABASE_URL: 'postgres://u:pw@h/d' },
    };
    const environment = { ...cli.environment, YOKEFLOW_PROJECT: 'my-app' };
    const kept =
      'cat "$CLAUDE_CONFIG_DIR/mcp.json" > mcp.copy && stat -c %a "$CLAUDE_CONFIG_DIR/mcp.json" > mode.copy';
    await cli.plan([{ run: kept }, ...HAPPY]);
    const { outcome } = start({ environment }, [], { planTools });
    expect(await outcome).toMatchObject({ kind: 'done' });
    const { args, env } = (await cli.calls())[0]!;
    const file = join(env.CLAUDE_CONFIG_DIR!, 'mcp.json');
    expect(args.join(' ')).toContain(`--mcp-config ${file}`);
    expect(JSON.stringify(env)).not.toContain('postgres://');
    expect(JSON.parse(await readFile(join(cli.directory, 'mcp.copy'), 'utf8'))).toEqual({
      mcpServers: {
        yokeflow: {
          ...{ type: 'stdio', command: process.execPath, env: planTools.environment },
          args: ['/opt/yokeflow/main.js', 'mcp', '--project', 'my-app'],
        },
      },
    });
    expect(await readFile(join(cli.directory, 'mode.copy'), 'utf8')).toBe('600\n');
    await expect(access(file)).rejects.toThrow('ENOENT');
  });

  test('is on record turn by turn, and charged once in all', async () => {
    await cli.plan(HAPPY);
    const { outcome, entries, costNano, lines } = start();
    await outcome;
    expect(kinds(entries)).toEqual([
      '0 session',
      '0 prompt',
      '1 response',
      '1 begin',
      '1 result',
      '2 response',
      '2 note',
    ]);
    expect(entries.map((entry) => entry.costNano)).toEqual([
      undefined,
      undefined,
      PRICE,
      undefined,
      undefined,
      PRICE,
      10_000_000 - 2 * PRICE,
    ]);
    expect(costNano()).toBe(10_000_000);
    expect(lines).toEqual(['I look.', 'Bash ls -l', 'Ready.']);
  });

  test('output tokens that a later part of a message tells are charged then', async () => {
    const more = { ...USAGE, output_tokens: 150 };
    await cli.plan([
      says('m1', text('a')),
      says('m1', call('t1', 'ls'), more),
      result({ total_cost_usd: null }),
    ]);
    const { outcome, costNano } = start();
    await outcome;
    expect(costNano()).toBe(PRICE + 1_000_000);
  });

  test('a model without a price costs what the result says', async () => {
    await cli.plan([says('m1', text('a'), USAGE, 'claude-next'), result({ total_cost_usd: 0.02 })]);
    const { outcome, entries, costNano } = start();
    await outcome;
    expect(costNano()).toBe(20_000_000);
    expect(entries.filter(({ usage }) => usage)).toEqual([]);
  });

  test('a second result, after tasks in the background, tells what the whole run cost', async () => {
    await cli.plan([
      says('m1', text('a')),
      result({ total_cost_usd: 0.01 }),
      says('m2', text('b')),
      result({ uuid: 'r2', result: 'Later.', total_cost_usd: 0.02 }),
    ]);
    const { outcome, costNano } = start();
    expect(await outcome).toEqual({ kind: 'done', output: 'Later.' });
    expect(costNano()).toBe(20_000_000);
  });

  test('leaves no conversation behind', async () => {
    await cli.plan(HAPPY);
    const { outcome, entries } = start();
    await outcome;
    const { id } = entries[0]!.payload as { id: string };
    await expect(access(join(cli.state, `7-${id}`))).rejects.toThrow('ENOENT');
  });

  test('noise, events of later versions, huge lines and a last line without its newline', async () => {
    const huge = 'x'.repeat(5_000_000);
    await cli.plan([
      { raw: 'warning: something\n{"type":"assistant","message":"not one"}\n{"cut\n[1]\n\n' },
      { emit: { type: 'from_the_future', message: {} } },
      says('m1', call('t1', huge)),
      gave('t1', huge),
      { raw: JSON.stringify((result() as { emit: unknown }).emit) },
    ]);
    const kept: string[] = [];
    const keepOutput = async (text: string) => `/outputs/${kept.push(text)}.txt`;
    const { outcome, entries } = start({ keepOutput });
    expect(await outcome).toMatchObject({ kind: 'done' });
    expect(kept).toEqual([huge, huge]);
    expect(JSON.stringify(entries)).toContain('All of it (5,000,000 characters): /outputs/2.txt. Look');
    expect(JSON.stringify(entries).length).toBeLessThan(100_000);
  });

  test('without a key: the login of the user, whose folder is left alone', async () => {
    await cli.plan(HAPPY);
    await start({}, [], { apiKey: undefined }).outcome;
    const { env } = (await cli.calls())[0]!;
    expect(env).not.toHaveProperty('ANTHROPIC_API_KEY');
    expect(env).not.toHaveProperty('CLAUDE_CONFIG_DIR');
    expect(env.HOME).toBe(cli.folder);
  });

  test('with the token of a subscription: that and a folder of its own; a key goes first', async () => {
    await cli.plan(HAPPY);
    await start({}, [], { apiKey: undefined, oauthToken: 'token-1' }).outcome;
    await start({}, [], { oauthToken: 'token-1' }).outcome;
    const [token, key] = (await cli.calls()).map(({ env }) => env);
    expect(token).toMatchObject({ CLAUDE_CODE_OAUTH_TOKEN: 'token-1' });
    expect(token!.CLAUDE_CONFIG_DIR).toContain(cli.state);
    expect(token).not.toHaveProperty('ANTHROPIC_API_KEY');
    expect(key).not.toHaveProperty('CLAUDE_CODE_OAUTH_TOKEN');
  });

  test('nothing that the redactor knows is recorded, shown or returned', async () => {
    await cli.plan([
      says('m1', call('t1', 'echo sk-test-key-1')),
      gave('t1', 'sk-test-key-1'),
      result({ result: 'sk-test-key-1' }),
    ]);
    const redact = (words: string) => words.replaceAll('sk-test-key-1', '[redacted]');
    const { outcome, entries, lines } = start({}, [], { redact });
    expect(JSON.stringify([await outcome, entries, lines])).not.toContain('sk-test-key-1');
  });
});

describe('after a crash', () => {
  test('a CLI that dies is resumed by its session id, and told so', async () => {
    await cli.plan(
      [says('m1', call('t1', 'make')), { die: 'SIGKILL' }],
      [says('m2', text('b')), result({ total_cost_usd: 0.004 })],
    );
    const { outcome, entries, costNano } = start();
    expect(await outcome).toMatchObject({ kind: 'done' });
    const calls = await cli.calls();
    const { id } = entries[0]!.payload as { id: string };
    expect(calls).toHaveLength(2);
    expect(calls[1]!.args).toEqual(expect.arrayContaining(['--resume', id]));
    expect(calls[1]!.args).not.toContain('--session-id');
    expect(calls[1]!.input).toMatch(/interrupted.*look before/s);
    expect(kinds(entries)).toEqual(['0 session', '0 prompt', '1 response', '2 response', '2 note']);
    expect(costNano()).toBe(PRICE + 4_000_000);
  });

  test('it has the time that is left, also when the clock was put forward meanwhile', async () => {
    await cli.plan([says('m1', call('t1', 'make')), { die: 'SIGKILL' }], [says('m2', text('b')), result()]);
    const [now, begun] = [Date.now.bind(Date), Date.now()];
    const clock = jest
      .spyOn(Date, 'now')
      .mockImplementation(() => now() + (now() - begun > 20 ? 3_600_000 : 0));
    try {
      expect(await start().outcome).toMatchObject({ kind: 'done' });
    } finally {
      clock.mockRestore();
    }
  });

  test('so is one whose worker died: the transcript says which', async () => {
    await cli.plan(HAPPY);
    const known: TranscriptEntry[] = [{ n: 0, kind: 'session', toolUseId: 'abc', payload: { id: 'abc' } }];
    const { outcome, entries } = start({}, known);
    await outcome;
    expect((await cli.calls())[0]!.args).toEqual(expect.arrayContaining(['--resume', 'abc']));
    expect(entries.filter(({ kind }) => kind === 'session')).toHaveLength(1);
  });

  test('a run whose result is on record does not start again', async () => {
    await cli.plan(HAPPY);
    const first = start();
    await first.outcome;
    const second = start({}, [...first.entries]);
    expect(await second.outcome).toEqual({ kind: 'done', output: 'All done.' });
    expect(await cli.calls()).toHaveLength(1);
    expect(second.costNano()).toBe(first.costNano());
  });

  test('a conversation that is gone starts anew, and says what is in the worktree', async () => {
    const gone = result({
      subtype: 'error_during_execution',
      is_error: true,
      result: '',
      errors: ['No conversation found with session ID: abc'],
      total_cost_usd: 0,
    });
    await cli.plan([gone, { exit: 1 }], HAPPY);
    const known: TranscriptEntry[] = [{ n: 0, kind: 'session', toolUseId: 'abc', payload: { id: 'abc' } }];
    const { outcome, entries } = start({}, known);
    expect(await outcome).toMatchObject({ kind: 'done' });
    const calls = await cli.calls();
    expect(calls[1]!.args).toContain('--session-id');
    expect(calls[1]!.args).not.toContain('abc');
    expect(calls[1]!.input).toMatch(/^SYSTEM\n\nTASK\n[^]*git status/);
    expect(entries.filter(({ kind }) => kind === 'session')).toHaveLength(2);
  });

  test('one that always dies fails the try, with what it said last', async () => {
    await cli.plan([{ stderr: 'error: out of memory\n' }, { exit: 1 }]);
    const { outcome } = start();
    expect(await outcome).toMatchObject({
      kind: 'failed',
      reason: 'Claude Code ended with exit code 1: error: out of memory',
    });
    expect(await cli.calls()).toHaveLength(3);
  });

  test('one that is too old is no failure of the work', async () => {
    await cli.plan([{ stderr: "error: unknown option '--setting-sources'\n" }, { exit: 1 }]);
    await expect(start().outcome).rejects.toMatchObject({
      type: 'AgentUnavailable',
      message: expect.stringContaining('does not know the option --setting-sources: update it'),
    });
  });

  test('responses without a price whose result never came are marked as such, once', async () => {
    await cli.plan(
      [says('m1', text('a'), USAGE, 'claude-next'), { die: 'SIGKILL' }],
      [result({ total_cost_usd: 0.001 })],
    );
    const { outcome, entries } = start();
    await outcome;
    const unpriced = entries.filter(({ usage, costNano }) => usage && costNano === null);
    expect(unpriced).toMatchObject([{ kind: 'note', payload: { unpriced: 'claude-next' }, usage: USAGE }]);
  });
});

describe('what the API says', () => {
  test.each([
    [401, 'Failed to authenticate. API Error: 401 bad key', 'authentication_failed', 'ProviderRefused'],
    [400, 'Credit balance is too low', 'billing_error', 'ProviderRefused'],
    [403, 'Failed to authenticate. API Error: 403', 'authentication_failed', 'ProviderRefused'],
    [404, 'There is an issue with the selected model', 'unknown', 'ProviderRefused'],
    [null, 'Not logged in · Please run /login', 'authentication_failed', 'AgentUnavailable'],
    [529, 'API Error: 529 overloaded', 'server_error', 'ProviderUnavailable'],
    [null, 'API Error: Unable to connect to API (ECONNREFUSED)', 'unknown', 'ProviderUnavailable'],
    [null, 'Request timed out', 'unknown', 'ProviderUnavailable'],
    [null, 'API Error: 401 {"type":"error"}', 'unknown', 'ProviderRefused'],
    [null, 'API Error: 529 {"type":"error"}', 'unknown', 'ProviderUnavailable'],
  ])('%s %j throws %s: %s', async (status, said, error, type) => {
    await cli.plan(refused(status, said, error));
    await expect(start().outcome).rejects.toMatchObject({ name: 'AgentError', type });
  });

  test.each([
    [null, 'API Error: 400 {"type":"error","error":{"type":"invalid_request_error"}}', 'unknown'],
    [null, 'API Error: messages.3: not what it was', 'invalid_request'],
    [null, "API Error: Claude's response exceeded the 32000 output token maximum.", 'max_output_tokens'],
    [null, "API Error: Claude's response exceeded the 32000 output token maximum.", 'unknown'],
    [
      null,
      'API Error: Claude Code is unable to respond, which appears to violate our Usage Policy',
      'unknown',
    ],
  ])('%s %j fails the try: the same conversation would get the same again', async (status, said, error) => {
    await cli.plan(refused(status, said, error));
    expect(await start().outcome).toMatchObject({ kind: 'failed', reason: `Claude Code: ${said}` });
  });

  test('a usage limit holds the session until it ends', async () => {
    const resetsAt = Math.floor(Date.now() / 1000) + 3600;
    const event = { emit: { type: 'rate_limit_event', rate_limit_info: { status: 'rejected', resetsAt } } };
    await cli.plan([event, ...refused(429, 'API Error: Request rejected (429)', 'rate_limit')]);
    const outcome = (await start().outcome) as { forMs: number };
    expect(outcome).toMatchObject({ kind: 'held', why: 'limit' });
    expect(outcome.forMs).toBeGreaterThan(3_590_000);
    expect(outcome.forMs).toBeLessThanOrEqual(3_600_000);
  });

  test.each([
    [{ result: '', stop_reason: 'end_turn' }, 'ended without a word'],
    [{ result: '', stop_reason: 'tool_use' }, 'ended in the middle of its work (tool_use)'],
    [{ result: 'Searching.', stop_reason: 'pause_turn' }, 'ended in the middle of its work (pause_turn)'],
  ])('%j is not done, whatever the CLI says: it goes on, and fails in the end', async (end, how) => {
    await cli.plan([says('m1', call('t1', 'ls')), gave('t1'), result(end)], HAPPY);
    const first = start();
    expect(await first.outcome).toEqual({ kind: 'done', output: 'All done.' });
    const { id } = first.entries[0]!.payload as { id: string };
    expect((await cli.calls())[1]!.args).toEqual(expect.arrayContaining(['--resume', id]));
    await cli.plan([result(end)]);
    expect(await start().outcome).toMatchObject({
      kind: 'failed',
      reason: `Claude Code: the model ${how}`,
    });
  });

  test('a refusal is not done, even if it is no error', async () => {
    await cli.plan([result({ result: '', stop_reason: 'refusal' })]);
    expect(await start().outcome).toMatchObject({
      kind: 'failed',
      reason: 'Claude Code: the model refused to do the task',
    });
  });

  test('a limit whose end it does not tell is asked about again ever later, until the model has answered', async () => {
    const said = 'API Error: Request rejected (429)';
    const limit = refused(429, said, 'rate_limit');
    await cli.plan(limit, limit, [says('m1', call('t1', 'ls')), gave('t1'), ...limit], HAPPY);
    const { outcome, entries } = start();
    const waits = [await outcome, await start({}, entries).outcome, await start({}, entries).outcome];
    expect(waits).toEqual(
      [5, 10, 5].map((minutes) => ({ kind: 'held', why: 'limit', reason: said, forMs: minutes * 60_000 })),
    );
    expect(await start({}, entries).outcome).toEqual({ kind: 'done', output: 'All done.' });
  });

  test('is_error counts, whatever the subtype', async () => {
    await cli.plan([result({ is_error: true, result: 'it broke\nbadly' })]);
    expect(await start().outcome).toEqual({
      kind: 'failed',
      reason: 'Claude Code: it broke',
      output: 'it broke\nbadly',
    });
  });

  test('a subtype that is an error counts, too', async () => {
    await cli.plan([result({ subtype: 'error_during_execution', result: '', errors: ['no such file'] })]);
    expect(await start().outcome).toMatchObject({ kind: 'failed', reason: 'Claude Code: no such file' });
  });

  test('a refused key is not tried ten times', async () => {
    const retry = { emit: { type: 'system', subtype: 'api_retry', error_status: 401, retry_delay_ms: 500 } };
    await cli.plan([retry, { sleepMs: 15_000 }]);
    const began = Date.now();
    await expect(start().outcome).rejects.toMatchObject({ type: 'ProviderRefused' });
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  test.each([
    [401, 'Failed to authenticate. API Error: 401 bad key', 'check the key'],
    [null, 'Not logged in · Please run /login', 'set ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN'],
  ])('%s %j in the midst of the work waits for a person, and goes on', async (status, said, advice) => {
    await cli.plan([says('m1', call('t1', 'ls')), gave('t1'), ...refused(status, said)], HAPPY);
    const first = start();
    const reason = expect.stringContaining(advice);
    expect(await first.outcome).toEqual({ kind: 'held', why: 'account', reason });
    expect(await start({}, first.entries).outcome).toEqual({ kind: 'done', output: 'All done.' });
    const { id } = first.entries[0]!.payload as { id: string };
    expect((await cli.calls())[1]!.args).toEqual(expect.arrayContaining(['--resume', id]));
  });

  test('it does not wait in the process for long', async () => {
    const retry = {
      emit: { type: 'system', subtype: 'api_retry', error_status: 529, retry_delay_ms: 600_000 },
    };
    await cli.plan([retry, { sleepMs: 15_000 }]);
    expect(await start().outcome).toMatchObject({ kind: 'held', why: 'limit', forMs: 600_000 });
  });
});

describe('budget', () => {
  const left = (nano: number): Partial<AgentRequest> => ({
    budget: async () => ({ remainingNano: nano, scope: 'task' }),
  });

  test('what is left is the limit of the run', async () => {
    await cli.plan(HAPPY);
    await start(left(1_234_500_000)).outcome;
    expect((await cli.calls())[0]!.args.join(' ')).toContain('--max-budget-usd 1.234500');
  });

  test('too little for a turn: nothing starts', async () => {
    await cli.plan(HAPPY);
    expect(await start(left(19_000_000)).outcome).toMatchObject({
      kind: 'held',
      why: 'budget',
      reason: expect.stringContaining("task's budget has $0.0190 left"),
    });
    expect(await cli.calls()).toEqual([]);
  });

  test('spent on the way: held, and the same conversation goes on after that', async () => {
    await cli.plan(
      [
        says('m1', text('a')),
        result({
          subtype: 'error_max_budget_usd',
          is_error: true,
          result: '',
          errors: ['Reached maximum budget'],
        }),
        { exit: 1 },
      ],
      HAPPY,
    );
    const first = start(left(1_000_000_000));
    expect(await first.outcome).toMatchObject({ kind: 'held', why: 'budget' });
    expect(await start({}, first.entries).outcome).toMatchObject({ kind: 'done' });
    const { id } = first.entries[0]!.payload as { id: string };
    expect((await cli.calls())[1]!.args).toEqual(expect.arrayContaining(['--resume', id]));
  });

  test('spent by others meanwhile: it stops between two turns', async () => {
    await cli.plan([says('m1', call('t1', 'ls')), gave('t1'), { sleepMs: 15_000 }, result()]);
    let asked = 0;
    const budget = async () => ({ remainingNano: asked++ ? 0 : 1e9, scope: 'session' as const });
    const { outcome, entries } = start({ budget });
    expect(await outcome).toMatchObject({ kind: 'held', why: 'budget' });
    expect(kinds(entries).at(-1)).toBe('1 result');
  });
});

describe('processes', () => {
  test('out of time: children in groups of their own end too', async () => {
    const mark = marker();
    await cli.plan([{ detach: `sleep ${mark}` }, says('m1', text('a')), { sleepMs: 30_000 }]);
    // Time enough for the CLI to begin, on a busy machine too.
    const { outcome, entries, costNano } = start({ timeoutMs: 5_000 });
    expect(await outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining('out of time') });
    expect(await processesWith(mark)).toEqual([]);
    expect(kinds(entries)).toEqual(['0 session', '0 prompt', '1 response']);
    expect(costNano()).toBe(PRICE);
  });

  test('the time of earlier workers counts', async () => {
    await cli.plan([says('m1', text('a')), { sleepMs: 60_000 }]);
    const outcome = await start({ timeoutMs: 60_000, spentMs: 58_500 }).outcome;
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'Claude Code ran out of time after 60 s' });
  });

  test('one that hangs is ended, and what it began goes on: not while a tool is at work', async () => {
    const silence = { inWork: 4_000, afterEnd: 500 };
    await cli.plan(
      [says('m1', call('t1', 'make')), { sleepMs: 5_000 }, gave('t1'), { sleepMs: 60_000 }],
      [says('m2', text('b')), result(), { sleepMs: 60_000 }],
    );
    const { outcome, entries } = start({ timeoutMs: 60_000 }, [], { silence });
    expect(await outcome).toEqual({ kind: 'done', output: 'All done.' });
    expect((await cli.calls()).map(({ args }) => args.includes('--resume'))).toEqual([false, true]);
    expect(kinds(entries)).toContain('1 result');
  });

  test('an API that never answers is no failure of the work, however often it is asked', async () => {
    const retry = {
      emit: { type: 'system', subtype: 'api_retry', error_status: null, retry_delay_ms: 500 },
    };
    const again = Array.from({ length: 60 }, () => [{ sleepMs: 1_000 }, retry]).flat();
    await cli.plan([says('m1', text('a')), ...again]);
    const { outcome } = start({ timeoutMs: 60_000 }, [], { silence: { inWork: 4_000, afterEnd: 500 } });
    await expect(outcome).rejects.toMatchObject({
      type: 'ProviderUnavailable',
      message: expect.stringMatching(/^the API has not answered Claude Code for .*; it is tried again$/),
    });
  });

  test('one that always hangs fails the try', async () => {
    await cli.plan([{ sleepMs: 60_000 }]);
    let runs = 0;
    const onProcess = async () => void runs++;
    const silence = { inWork: 500, afterEnd: 500 };
    const { outcome } = start({ timeoutMs: 60_000, onProcess }, [], { silence });
    expect(await outcome).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('it said nothing for'),
    });
    expect(runs).toBe(3);
  });

  test('an abort ends it at once, though it ignores SIGTERM, and keeps the conversation', async () => {
    const mark = marker();
    await cli.plan([{ detach: `trap '' TERM; sleep ${mark}; sleep ${mark}` }, { sleepMs: 30_000 }]);
    const controller = new AbortController();
    const { outcome, entries } = start({ signal: controller.signal });
    await until(async () => (await processesWith(mark)).length > 0);
    const { id } = entries[0]!.payload as { id: string };
    await writeFile(join(cli.state, `7-${id}`, 'kept'), '');
    const began = Date.now();
    controller.abort();
    expect(await outcome).toMatchObject({ kind: 'failed' });
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(await processesWith(mark)).toEqual([]);
    expect(await readFile(join(cli.state, `7-${id}`, 'kept'), 'utf8')).toBe('');
  });

  test('a superseded try stops when its record is refused', async () => {
    const mark = marker();
    await cli.plan([{ detach: `sleep ${mark}` }, says('m1', text('a')), { sleepMs: 30_000 }]);
    const { request } = recordedRequest(cli);
    const record = async (entry: TranscriptEntry) => {
      if (entry.kind === 'response') throw new Error('LeaseLost');
    };
    const agent = createClaudeCodeAgent({ stateDirectory: cli.state, apiKey: 'sk-test-key-1' });
    await expect(agent.run({ ...request, transcript: { load: async () => [], record } })).rejects.toThrow(
      'LeaseLost',
    );
    expect(await processesWith(mark)).toEqual([]);
  });

  test('not installed: says how to install it, and starts nothing', async () => {
    const { outcome, entries } = start({ environment: { PATH: '/nonexistent' } });
    await expect(outcome).rejects.toMatchObject({
      type: 'AgentUnavailable',
      message: expect.stringContaining('npm install -g @anthropic-ai/claude-code'),
    });
    expect(entries).toEqual([]);
  });
});

test('a model that writes calls that cannot be read does not go on paying for it', async () => {
  const said =
    '<tool_use_error>InputValidationError: Bash was called with input that could not be parsed as JSON.';
  const turn = (n: number, content: string) => [says(`m${n}`, call(`t${n}`, 'x')), gave(`t${n}`, content)];
  const inARow = (count: number, from = 0) =>
    Array.from({ length: count }, (_, n) => turn(from + n, said)).flat();
  await cli.plan([...inARow(9), ...turn(9, 'ok'), ...inARow(9, 10), result()]);
  expect(await start().outcome).toEqual({ kind: 'done', output: 'All done.' });
  await cli.plan([...inARow(10), { sleepMs: 60_000 }]);
  const { outcome, costNano } = start({ timeoutMs: 60_000 });
  expect(await outcome).toEqual({
    kind: 'failed',
    reason: 'Claude Code: the model wrote calls of tools that cannot be read 10 times in a row',
    output: '',
  });
  expect(costNano()).toBe(10 * PRICE);
});
