import { allowedTokens, needOf } from '../../../agents/claude/output-allowance';
import type { Budget } from '../../../agents/contract/agent';
import { bash, turns, withClaude, type MemoryTranscript } from './claude-run';

const USD = 1e9;
const budgetOf = (transcript: MemoryTranscript, limit: { usd: number }) => async (): Promise<Budget> => ({
  remainingNano: Math.round(limit.usd * USD) - transcript.costNano(),
  scope: 'session',
});

test('pauses before the budget is overrun, and goes on in the same conversation, to the cent', async () => {
  // 2 cents a turn: 1,000 x $2 + 1,800 x $10 per million tokens.
  const usage = { input_tokens: 1_000, output_tokens: 1_800 };
  const turn = { tools: [bash('true')], usage };
  await withClaude({ script: turns(turn, turn, turn, { usage }) }, async ({ run, mock, transcript }) => {
    const limit = { usd: 0.05 };
    const budget = budgetOf(transcript, limit);
    const held = await run({ budget });
    expect(held).toMatchObject({ kind: 'held', why: 'budget' });
    expect((held as { reason: string }).reason).toMatch(
      /^the session's budget has \$0\.0100 left, and another turn/,
    );
    expect(transcript.costNano()).toBe(0.04 * USD);
    expect(mock.journal).toHaveLength(2);
    for (const { request } of mock.journal) {
      expect(request.max_tokens).toBeLessThanOrEqual(0.05 / 10e-6);
      expect(request.max_tokens).toBeGreaterThanOrEqual(1_024);
    }
    expect(await run({ budget })).toEqual(held);
    expect(mock.journal).toHaveLength(2);
    limit.usd = 0.2;
    expect(await run({ budget })).toMatchObject({ kind: 'done' });
    expect(mock.journal.map(({ turn: n, completed }) => [n, completed])).toEqual(
      [0, 1, 2, 3].map((n) => [n, true]),
    );
    expect(transcript.costNano()).toBe(0.08 * USD);
  });
});

test('an answer that the budget has cut off is asked for again once there is room for all of it', async () => {
  // As much as it may have, which is not enough.
  const script = ({ max_tokens }: { max_tokens: number }) =>
    max_tokens < 32_000
      ? { text: 'and', stopReason: 'max_tokens', usage: { input_tokens: 1_000, output_tokens: max_tokens } }
      : {};
  await withClaude({ script }, async ({ run, mock, transcript }) => {
    const limit = { usd: 0.2 };
    const budget = budgetOf(transcript, limit);
    expect(await run({ budget })).toMatchObject({
      kind: 'held',
      why: 'budget',
      reason: expect.stringMatching(/^the session's budget has .* left, and another turn may take \$0\.3/),
    });
    expect(mock.journal).toHaveLength(1);
    limit.usd = 1;
    expect(await run({ budget })).toEqual({ kind: 'done', output: 'Done.' });
  });
});

test('the cap holds without a budget, and with a large one', async () => {
  await withClaude({ script: turns({}) }, async ({ run, mock }) => {
    await run({}, { maxOutputTokens: 5_000 });
    expect(mock.journal[0]!.request.max_tokens).toBe(5_000);
  });
  await withClaude({ script: turns({}) }, async ({ run, mock }) => {
    await run({ budget: async () => ({ remainingNano: 100 * USD, scope: 'task' }) });
    expect(mock.journal[0]!.request.max_tokens).toBe(32_000);
  });
});

test('a model that a gateway calls otherwise costs what the one that was asked for does', async () => {
  const usage = { input_tokens: 1_000, output_tokens: 1_800 };
  const model = 'eu.vendor.sonnet-v1:0';
  const script = turns({ tools: [bash('true')], usage, model }, { usage, model });
  await withClaude({ script }, async ({ run, transcript }) => {
    expect(await run()).toMatchObject({ kind: 'done' });
    expect(transcript.of('response').map(({ payload }) => (payload as { model: string }).model)).toEqual([
      model,
      model,
    ]);
    expect(transcript.costNano()).toBe(0.04 * USD);
  });
});

test('a model without a known price cannot keep a budget, and costs an unknown amount', async () => {
  await withClaude({ script: turns({}) }, async ({ run, mock, transcript }) => {
    const model = 'claude-unheard-of-9';
    const budget = async (): Promise<Budget> => ({ remainingNano: USD, scope: 'task' });
    expect(await run({ model, budget })).toMatchObject({
      kind: 'held',
      reason:
        "the price of claude-unheard-of-9, the model of T1, is not known, so the task's budget cannot be kept",
    });
    expect(mock.journal).toHaveLength(0);
    expect(await run({ model })).toMatchObject({ kind: 'done' });
    expect(transcript.of('response')[0]).toMatchObject({ costNano: null, usage: { input_tokens: 4 } });
  });
});

test('every kind of token has its price, and a long prompt another one', async () => {
  const usage = {
    input_tokens: 1_000,
    output_tokens: 100,
    cache_read_input_tokens: 90_000,
    cache_creation: { ephemeral_5m_input_tokens: 4_000, ephemeral_1h_input_tokens: 5_000 },
  };
  const long = { ...usage, cache_read_input_tokens: 90_001 };
  const script = turns({ tools: [bash('true')], usage }, { usage: long });
  await withClaude({ script }, async ({ run, transcript }) => {
    await run({ model: 'haiku' });
    expect(transcript.of('response').map(({ costNano }) => costNano)).toEqual([
      1_000 * 100 + 100 * 500 + 90_000 * 10 + 4_000 * 125 + 5_000 * 200,
      1_000 * 500 + 100 * 2_500 + 90_001 * 50 + 4_000 * 625 + 5_000 * 1_000,
    ]);
  });
});

describe('how long an answer may be', () => {
  const call = { model: 'claude-sonnet-5-5', promptTokens: 4_000, cap: 32_000 };

  test.each([
    [0.05 * USD, 4_000],
    [0.33 * USD, 32_000],
    [5 * USD, 32_000],
    [0.0203 * USD, 1_030],
  ])('with %d nano-dollars granted: %d tokens', (granted, maxTokens) => {
    expect(allowedTokens(call, granted)).toBe(maxTokens);
  });

  test('the worst case is a prompt that is cached in whole, and every token of the answer', () => {
    const prompt = 4_000 * 2_500;
    expect(needOf(call)).toEqual({
      leastNano: prompt + 1_024 * 10_000,
      comfortNano: prompt + 8_192 * 10_000,
      mostNano: prompt + 32_000 * 10_000,
    });
    expect(needOf({ ...call, cap: 500 })).toMatchObject({ leastNano: prompt + 500 * 10_000 });
    expect(needOf({ ...call, model: 'claude-unheard-of-9' })).toBeNull();
  });
});

test('what calls that broke off may have cost is kept out of the budget', async () => {
  const faults = (call: number) => (call === 1 ? ({ kind: 'disconnect', afterEvents: 3 } as const) : null);
  await withClaude({ script: turns({}), faults }, async ({ run, mock, transcript }) => {
    const budget = budgetOf(transcript, { usd: 0.05 });
    await expect(run({ budget })).rejects.toMatchObject({ type: 'ProviderUnavailable' });
    expect(await run({ budget })).toMatchObject({
      kind: 'held',
      reason: expect.stringMatching(
        /^the session's budget has \$0\.00\d\d left \(beside \$0\.0\d+ kept for calls that broke off\), /,
      ),
    });
    expect(mock.journal).toHaveLength(1);
  });
});
