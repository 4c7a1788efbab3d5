import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCodexAgent } from '../../../agents/codex/agent';
import { troubleOf } from '../../../agents/codex/verdict';
import { fakeCli, recordedRequest, type FakeCli } from '../cli/fake-cli';

/** What real versions printed, against a mock of the API on the same machine. */
const printed = (name: string) => readFileSync(join(__dirname, 'fixtures', `${name}.jsonl`), 'utf8');

let cli: FakeCli;
beforeEach(async () => (cli = await fakeCli('codex')));
afterEach(() => cli.remove());

async function outcomeOf(name: string) {
  await cli.plan([{ raw: printed(name) }, { exit: name.startsWith('rate-limit') ? 0 : 1 }]);
  const { request } = recordedRequest(cli, { model: 'gpt-next' });
  return createCodexAgent({ stateDirectory: cli.state, apiKey: 'sk-test-key-1', price: () => 0 }).run(
    request,
  );
}

test.each([
  ['at-capacity-0.171.0', 'ProviderUnavailable', 'Selected model is at capacity'],
  ['high-demand-0.171.0', 'ProviderUnavailable', 'currently experiencing high demand'],
  ['broken-stream-0.171.0', 'ProviderUnavailable', 'error decoding response body'],
  ['too-many-requests-0.171.0', 'ProviderUnavailable', 'last status: 429 Too Many Requests'],
  ['unknown-model-0.171.0', 'ProviderRefused', 'Codex: The model `gpt-next` does not exist'],
])('%s throws %s', async (name, type, message) => {
  await expect(outcomeOf(name)).rejects.toMatchObject({ type, message: expect.stringMatching(message) });
});

test('forbidden-page-0.171.0 in the midst of the work waits for a person', async () => {
  const reason = expect.stringMatching('Codex: unexpected status 403.*proxy or firewall');
  expect(await outcomeOf('forbidden-page-0.171.0')).toEqual({ kind: 'held', why: 'account', reason });
});

test('a version that lacks an option says so on stderr (0.120.0)', async () => {
  const said =
    "error: unexpected argument '--ignore-rules' found\n\n  tip: to pass '--ignore-rules' as a value, use '-- --ignore-rules'\n\nUsage: codex exec [OPTIONS] [PROMPT]\n";
  await cli.plan([{ stderr: said }, { exit: 2 }]);
  const { request } = recordedRequest(cli, { model: 'gpt-next' });
  await expect(createCodexAgent({ stateDirectory: cli.state }).run(request)).rejects.toMatchObject({
    type: 'AgentUnavailable',
    message: expect.stringContaining('does not know the option --ignore-rules: update it'),
  });
});

test('broken-stream-0.171.0 each time: somebody has to look, before it costs ever more', async () => {
  // A tool ran in the first run, and nothing happened since.
  const [first, again] = [
    printed('broken-stream-0.171.0'),
    printed('broken-stream-0.171.0').replace(/.*item_2.*\n/g, ''),
  ];
  await cli.plan([{ raw: first }, { exit: 1 }], [{ raw: again }, { exit: 1 }]);
  const { request } = recordedRequest(cli, { model: 'gpt-next' });
  const run = () => createCodexAgent({ stateDirectory: cli.state, apiKey: 'sk-test-key-1' }).run(request);
  for (let tries = 1; tries < 5; tries++)
    await expect(run()).rejects.toMatchObject({ type: 'ProviderUnavailable' });
  expect(await run()).toEqual({
    kind: 'held',
    why: 'account',
    reason: expect.stringMatching(
      /^the API's answers broke off in 5 runs of Codex in a row, .* OPENAI_BASE_URL/,
    ),
  });
});

test('a rate limit of seconds is Codex’s own to wait for', async () => {
  expect(await outcomeOf('rate-limit-0.171.0')).toEqual({ kind: 'done', output: 'Written.' });
});

test.each([
  ['bad-request-0.171.0', 'Codex: Unsupported parameter: x'],
  // It keeps to itself what the model said; each time: it goes on otherwise.
  ['refusal-0.171.0', 'Codex: the model ended without a word'],
  ['content-filter-0.171.0', 'Codex: stream disconnected before completion: .*reason: content_filter'],
])('%s is a failure of the work', async (name, reason) => {
  expect(await outcomeOf(name)).toMatchObject({
    kind: 'failed',
    reason: expect.stringMatching(`^${reason}$`),
  });
});

test('a usage limit holds the session until the time that is said', async () => {
  expect(await outcomeOf('usage-limit-0.171.0')).toMatchObject({ kind: 'held', why: 'limit' });
  const [said] = /You’ve hit your usage limit[^"]*11:48 PM\./.exec(printed('usage-limit-0.171.0'))!;
  const now = new Date(2026, 10, 28, 20, 37).getTime();
  expect(troubleOf(said, now)).toMatchObject({ kind: 'held', forMs: (3 * 60 + 11) * 60_000 });
});
