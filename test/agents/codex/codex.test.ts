import { access, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentRequest, TranscriptEntry } from '../../../agents/contract/agent';
import { createCodexAgent } from '../../../agents/codex/agent';
import type { CodexOptions } from '../../../agents/codex/options';
import type { TokenUsage } from '../../../domain/cost/token-usage';
import { fakeCli, recordedRequest, type FakeCli, type Step } from '../cli/fake-cli';
import { marker, processesWith } from '../cli/processes';

let cli: FakeCli;
beforeEach(async () => (cli = await fakeCli('codex')));
afterEach(() => cli.remove());

const started = (thread = 'th-1'): Step => ({ emit: { type: 'thread.started', thread_id: thread } });
const message = (text: string, id = 'item_9'): Step => ({
  emit: { type: 'item.completed', item: { id, type: 'agent_message', text } },
});
const command = (id: string, line: string): Step[] => [
  { emit: { type: 'item.started', item: { id, type: 'command_execution', command: line } } },
  { emit: { type: 'item.completed', item: { id, type: 'command_execution', command: line, exit_code: 0 } } },
];
const completed = (input: number, output: number, cached = 0): Step => ({
  emit: {
    type: 'turn.completed',
    usage: { input_tokens: input, cached_input_tokens: cached, output_tokens: output },
  },
});
const failed = (said: string): Step[] => [
  started(),
  { emit: { type: 'turn.failed', error: { message: said } } },
  { exit: 1 },
];
const HAPPY = [
  started(),
  { emit: { type: 'turn.started' } },
  ...command('item_0', 'ls -l'),
  message('Done.'),
  completed(2100, 70, 100),
];

/** $1 a million for input, $10 for output, nothing for what was cached. */
const price = (_model: string, { input, output }: TokenUsage) => input * 1_000 + output * 10_000;

function start(
  changes: Partial<AgentRequest> = {},
  entries: TranscriptEntry[] = [],
  options: Partial<CodexOptions> = {},
) {
  const recording = recordedRequest(cli, { model: 'gpt-next', ...changes }, entries);
  const agent = createCodexAgent({ stateDirectory: cli.state, apiKey: 'sk-test-key-1', price, ...options });
  return { ...recording, outcome: agent.run(recording.request) };
}

const summary = (entries: TranscriptEntry[]) =>
  entries.map(({ n, kind, toolUseId = '' }) => `${n} ${kind} ${toolUseId}`.trim());

test('a run that ends well: prompt, flags, record and cost', async () => {
  await cli.plan(HAPPY);
  const { outcome, entries, lines, costNano } = start();
  expect(await outcome).toEqual({ kind: 'done', output: 'Done.' });
  const { args, input, env } = (await cli.calls())[0]!;
  expect(args.join(' ')).toBe(
    'exec --json --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox --ignore-rules ' +
      `-c projects={"${await realpath(cli.directory)}"={trust_level="untrusted"}} ` +
      '-c project_doc_max_bytes=0 -c model_auto_compact_token_limit=240000 -m gpt-next -',
  );
  expect(input).toBe('SYSTEM\n\nTASK\n');
  expect(env).toMatchObject({
    CODEX_API_KEY: 'sk-test-key-1',
    CODEX_HOME: expect.stringContaining(join(cli.state, '7-')),
  });
  expect(summary(entries).slice(1)).toEqual([
    '1 session th-1',
    '1 begin item_0',
    '1 result item_0',
    '2 response',
    '2 note usage-5',
  ]);
  expect(lines).toEqual(['$ ls -l', 'Done.']);
  expect(costNano()).toBe(2_000 * 1_000 + 70 * 10_000);
  await expect(access(env.CODEX_HOME!)).rejects.toThrow('ENOENT');
});

test('a CLI that dies is resumed by its thread, in the same folder; its counts go on from before', async () => {
  await cli.plan(
    [started(), ...command('item_0', 'make'), { die: 'SIGKILL' }],
    [started(), ...command('item_0', 'ls'), message('Done.'), completed(3000, 100)],
  );
  const { outcome, entries, costNano } = start();
  expect(await outcome).toMatchObject({ kind: 'done' });
  const [first, second] = await cli.calls();
  expect(second!.args.slice(0, 2)).toEqual(['exec', 'resume']);
  expect(second!.args.slice(-2)).toEqual(['th-1', '-']);
  expect(second!.input).toMatch(/interrupted.*look before/s);
  expect(second!.env.CODEX_HOME).toBe(first!.env.CODEX_HOME);
  expect(costNano()).toBe(3_000_000 + 1_000_000);
  expect(summary(entries).filter((line) => line.endsWith('item_0'))).toHaveLength(4);
});

test('usage that Codex counts from the beginning of the thread is charged once', async () => {
  const limit = failed('exceeded retry limit, last status: 429 Too Many Requests');
  await cli.plan(
    [started(), message('Done.'), completed(1000, 10), ...limit.slice(1)],
    [started(), message('Done.'), completed(1500, 30)],
  );
  const first = start();
  await first.outcome;
  const later = first.entries.map((entry) =>
    entry.payload && typeof entry.payload === 'object' && 'outcome' in entry.payload
      ? { ...entry, payload: { ...entry.payload, outcome: null } }
      : entry,
  );
  const second = start({}, later);
  expect(await second.outcome).toMatchObject({ kind: 'done' });
  expect(second.costNano()).toBe(1500 * 1_000 + 30 * 10_000);
});

test('a run whose end is on record does not start again', async () => {
  await cli.plan(HAPPY);
  const first = start();
  await first.outcome;
  expect(await start({}, first.entries).outcome).toEqual({ kind: 'done', output: 'Done.' });
  expect(await cli.calls()).toHaveLength(1);
});

test('a thread that is gone starts anew, and says what is in the worktree', async () => {
  await cli.plan(
    [
      { stderr: 'Error: thread/resume: thread/resume failed: no rollout found for thread id th-0\n' },
      { exit: 1 },
    ],
    HAPPY,
  );
  const { outcome } = start({}, [
    { n: 0, kind: 'prompt', toolUseId: 'home', payload: 'x' },
    { n: 1, kind: 'session', toolUseId: 'th-0', payload: { id: 'th-0' } },
  ]);
  expect(await outcome).toMatchObject({ kind: 'done' });
  const second = (await cli.calls())[1]!;
  expect(second.args).not.toContain('resume');
  expect(second.input).toMatch(/^SYSTEM\n\nTASK\n[^]*git status/);
});

test.each([
  ['unexpected status 401 Unauthorized: bad key', 'ProviderRefused'],
  ['Quota exceeded. Check your plan and billing details.', 'ProviderRefused'],
  ['unexpected status 503 Service Unavailable', 'ProviderUnavailable'],
  ['stream disconnected before completion: error sending request', 'ProviderUnavailable'],
])('%j throws %s', async (said, type) => {
  await cli.plan(failed(said));
  await expect(start().outcome).rejects.toMatchObject({ name: 'AgentError', type });
});

test('a turn that ends without a word after its tools is not done: it goes on, and fails in the end', async () => {
  const wordless = [started(), message('I look.', 'item_1'), ...command('item_2', 'ls'), completed(1000, 10)];
  await cli.plan(wordless, [started(), message('Done.'), completed(2000, 20)]);
  const { outcome, costNano } = start();
  expect(await outcome).toEqual({ kind: 'done', output: 'Done.' });
  expect((await cli.calls())[1]!.args.slice(0, 2)).toEqual(['exec', 'resume']);
  expect(costNano()).toBe(2000 * 1_000 + 20 * 10_000);
  await cli.plan(wordless);
  expect(await start().outcome).toMatchObject({
    kind: 'failed',
    reason: 'Codex: the model ended without a word',
  });
});

test('an API that does not answer for long is no failure of the work', async () => {
  const message = 'Reconnecting... 1/5 (exceeded retry limit, last status: 429 Too Many Requests)';
  await cli.plan([started(), { emit: { type: 'error', message } }, { sleepMs: 60_000 }]);
  const silence = { inWork: 500, afterEnd: 60_000 };
  await expect(start({ timeoutMs: 60_000 }, [], { silence }).outcome).rejects.toMatchObject({
    type: 'ProviderUnavailable',
    message: expect.stringMatching(/^the API has not answered Codex for .*; it is tried again$/),
  });
});

test('a limit holds the session', async () => {
  await cli.plan(failed("You've hit your usage limit. Try again later."));
  const first = start();
  expect(await first.outcome).toMatchObject({ kind: 'held', why: 'limit', forMs: 300_000 });
  expect(await start({}, first.entries).outcome).toMatchObject({ forMs: 600_000 });
});

test('a refused key is not tried five times', async () => {
  const message = 'Reconnecting... 1/5 (unexpected status 401 Unauthorized: bad key)';
  await cli.plan([started(), { emit: { type: 'error', message } }, { sleepMs: 30_000 }]);
  const began = Date.now();
  await expect(start().outcome).rejects.toMatchObject({ type: 'ProviderRefused' });
  expect(Date.now() - began).toBeLessThan(10_000);
});

test('out of time: children in groups of their own end too, and the cost is known to be unknown', async () => {
  const mark = marker();
  await cli.plan([started(), { detach: `sleep ${mark}` }, ...command('item_0', 'x'), { sleepMs: 30_000 }]);
  // Time enough for the CLI to begin, on a busy machine too.
  const { outcome, entries } = start({ timeoutMs: 5_000 });
  expect(await outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining('out of time') });
  expect(await processesWith(mark)).toEqual([]);
  expect(entries.filter(({ usage, costNano }) => usage && costNano === null)).toHaveLength(1);
});

const unknownCosts = (entries: TranscriptEntry[]) =>
  entries.filter(({ usage, costNano }) => usage && costNano === null).length;

test('one that always dies has cost something, too', async () => {
  await cli.plan([started(), ...command('item_0', 'make'), { die: 'SIGKILL' }]);
  const { outcome, entries } = start();
  expect(await outcome).toMatchObject({ kind: 'failed' });
  expect(await cli.calls()).toHaveLength(3);
  expect(unknownCosts(entries)).toBe(1);
});

test('one that is refused in the midst of its work goes on with it once a person has settled that', async () => {
  const [, refusal, exit] = failed('unexpected status 401 Unauthorized: bad key');
  await cli.plan(
    [started(), ...command('item_0', 'make'), refusal!, exit!],
    [started(), message('Done.'), completed(2000, 100)],
  );
  const first = start();
  expect(await first.outcome).toEqual({
    kind: 'held',
    why: 'account',
    reason: expect.stringMatching(
      /^the API refuses Codex: .*bad key; check the key \(OPENAI_API_KEY\).* the model$/,
    ),
  });
  // Whoever cancels it now has paid for that, too.
  expect(unknownCosts(first.entries)).toBe(1);
  const { outcome, costNano } = start({}, first.entries);
  expect(await outcome).toEqual({ kind: 'done', output: 'Done.' });
  expect((await cli.calls())[1]!.args.slice(-2)).toEqual(['th-1', '-']);
  expect(costNano()).toBe(2_000_000 + 1_000_000);
});

test('one that is refused at once has cost nothing', async () => {
  await cli.plan(failed('unexpected status 401 Unauthorized: bad key'));
  const { outcome, entries } = start();
  await expect(outcome).rejects.toMatchObject({
    type: 'ProviderRefused',
    message: expect.stringMatching(/the model, then run again$/),
  });
  expect(unknownCosts(entries)).toBe(0);
});

test('one that does not exit after its end is ended', async () => {
  await cli.plan([...HAPPY, { sleepMs: 60_000 }]);
  const { outcome } = start({ timeoutMs: 60_000 }, [], { silence: { inWork: 60_000, afterEnd: 500 } });
  expect(await outcome).toEqual({ kind: 'done', output: 'Done.' });
});

test('a model without a price is recorded as such', async () => {
  await cli.plan(HAPPY);
  const { outcome, entries } = start({}, [], { price: undefined });
  await outcome;
  expect(entries.at(-1)).toMatchObject({ usage: { input_tokens: 2100 }, costNano: null });
});

test('too little budget: nothing starts', async () => {
  await cli.plan(HAPPY);
  const budget = async () => ({ remainingNano: 1, scope: 'session' as const });
  expect(await start({ budget }).outcome).toMatchObject({ kind: 'held', why: 'budget' });
  expect(await cli.calls()).toEqual([]);
});

test.each([
  ['gpt-unheard-of', 'the price of gpt-unheard-of, the model of T7, is'],
  [null, "the price of the agent's default model, the model of T7, is"],
])('under a budget a model without a price does not run: %s', async (model, said) => {
  await cli.plan(HAPPY);
  const budget = async () => ({ remainingNano: 5e9, scope: 'session' as const });
  const outcome = await start({ model, budget }, [], { price: undefined }).outcome;
  const reason = `${said} not known, so the session's budget cannot be kept`;
  expect(outcome).toEqual({ kind: 'held', why: 'budget', reason });
  expect(await cli.calls()).toEqual([]);
  expect(await start({ model }, [], { price: undefined }).outcome).toMatchObject({ kind: 'done' });
});

test('models of OpenAI have a price', async () => {
  const usage = {
    ...{ input_tokens: 1_000_000, cached_input_tokens: 400_000 },
    ...{ cache_write_input_tokens: 100_000, output_tokens: 10_000 },
  };
  await cli.plan([started(), message('Done.'), { emit: { type: 'turn.completed', usage } }]);
  const budget = async () => ({ remainingNano: 5e9, scope: 'session' as const });
  const { outcome, costNano } = start({ model: 'gpt-6.2-sol', budget }, [], { price: undefined });
  expect(await outcome).toMatchObject({ kind: 'done' });
  expect(costNano()).toBe(500_000 * 2_000 + 400_000 * 100 + 100_000 * 2_500 + 10_000 * 10_000);
});

test('not installed: says how to install it', async () => {
  await expect(start({ environment: { PATH: '/nonexistent' } }).outcome).rejects.toMatchObject({
    type: 'AgentUnavailable',
    message: expect.stringContaining('npm install -g @openai/codex'),
  });
});
