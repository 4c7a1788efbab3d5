import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClaudeCodeAgent } from '../../../agents/claude-code/agent';
import { eventIn, type ResultEvent } from '../../../agents/claude-code/events';
import { verdictOf } from '../../../agents/claude-code/verdict';
import { fakeCli, recordedRequest, type FakeCli } from '../cli/fake-cli';

/** What real versions printed, against a mock of the API on the same machine. */
const printed = (name: string) => readFileSync(join(__dirname, 'fixtures', `${name}.jsonl`), 'utf8');

const resultOf = (name: string) => eventIn(printed(name).trim().split('\n').at(-1)!) as ResultEvent;

let cli: FakeCli;
beforeEach(async () => (cli = await fakeCli('claude')));
afterEach(() => cli.remove());

async function outcomeOf(name: string) {
  await cli.plan([{ raw: printed(name) }, { exit: 1 }]);
  const { request } = recordedRequest(cli);
  return createClaudeCodeAgent({ stateDirectory: cli.state, oauthToken: 'token-1' }).run(request);
}

test.each([
  ['session-limit-2.0.77', '2026-11-28T23:55:00Z'],
  ['weekly-limit-2.0.77', '2026-12-01T23:43:00Z'],
])('%s: the time is in the text alone', async (name, end) => {
  const now = Date.parse('2026-11-28T20:43:00Z');
  const held = { kind: 'held', why: 'limit', forMs: Date.parse(end) - now };
  expect(verdictOf(resultOf(name), { error: 'rate_limit' }, now)).toMatchObject(held);
});

test('five-hour-limit-2.1.332: an event of its own tells the time', async () => {
  const { resetsAt } = JSON.parse(
    /\{"status": "rejected"[^}]*\}/.exec(printed('five-hour-limit-2.1.332'))![0],
  ) as {
    resetsAt: number;
  };
  const now = jest.spyOn(Date, 'now').mockReturnValue((resetsAt - 100) * 1000);
  try {
    const held = { kind: 'held', why: 'limit', forMs: 100_000 };
    expect(await outcomeOf('five-hour-limit-2.1.332')).toMatchObject(held);
  } finally {
    now.mockRestore();
  }
});

test('unknown-model-2.1.50 is for a person', async () => {
  await expect(outcomeOf('unknown-model-2.1.50')).rejects.toMatchObject({
    type: 'ProviderRefused',
    message: expect.stringContaining("There's an issue with the selected model"),
  });
});

test.each([
  ['wrong-key-1.0.128', 'Invalid API key'],
  ['no-credit-1.0.128', 'Credit balance is too low'],
  ['spend-limit-2.1.332', 'You have reached your specified API usage limits.*its billing'],
  ['forbidden-page-2.1.332', 'API Error: 403 Forbidden; check the key.*or the proxy or firewall on the way'],
])('%s, in the midst of the work, waits for a person', async (name, message) => {
  const reason = expect.stringMatching(message);
  expect(await outcomeOf(name)).toEqual({ kind: 'held', why: 'account', reason });
});

test('malformed-answer-2.1.332 each time: somebody has to look, before it costs ever more', async () => {
  // A tool ran in the first run, and nothing happened since.
  const [first, again] = [
    printed('malformed-answer-2.1.332'),
    printed('malformed-answer-2.1.332').split('\n').slice(3).join('\n'),
  ];
  await cli.plan([{ raw: first }, { exit: 1 }], [{ raw: again }, { exit: 1 }]);
  const { request } = recordedRequest(cli);
  const run = () =>
    createClaudeCodeAgent({ stateDirectory: cli.state, apiKey: 'sk-test-key-1' }).run(request);
  for (let tries = 1; tries < 10; tries++)
    await expect(run()).rejects.toMatchObject({ type: 'ProviderUnavailable' });
  expect(await run()).toEqual({
    kind: 'held',
    why: 'account',
    reason: expect.stringMatching(
      /^the API's answers broke off in 10 runs of Claude Code in a row, .*empty or malformed.* ANTHROPIC_BASE_URL/,
    ),
  });
});

test('weekly-limit-1.0.128: nothing but the text says what it is', async () => {
  expect(await outcomeOf('weekly-limit-1.0.128')).toMatchObject({
    kind: 'held',
    why: 'limit',
    reason: 'Weekly limit reached ∙ resets Dec 1, 11:51pm',
  });
});

test.each([
  ['max-turns-2.1.332', 'Claude Code: Reached maximum number of turns (2)'],
  ['prompt-too-long-2.1.332', 'Claude Code: Prompt is too long'],
  [
    'refusal-2.1.332',
    expect.stringMatching(/^Claude Code: API Error: Sonnet 5's safeguards flagged this message/),
  ],
  // Though the CLI says that these went well. Each time: they go on otherwise.
  ['silent-2.1.332', 'Claude Code: the model ended without a word'],
  ['pause-turn-2.1.332', 'Claude Code: the model ended in the middle of its work (pause_turn)'],
])('%s is a failure of the work', async (name, reason) => {
  expect(await outcomeOf(name)).toMatchObject({ kind: 'failed', reason });
});

test('a limit that the CLI waited for earlier on is not why it ended', () => {
  const failed = { kind: 'failed', reason: 'Claude Code: Reached maximum number of turns (2)' };
  expect(verdictOf(resultOf('max-turns-2.1.332'), { error: 'rate_limit' })).toMatchObject(failed);
});
