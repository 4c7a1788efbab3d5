import { blocksOf, turnOf, type AnthropicRequest } from '../../support/anthropic-request';
import { bash, memoryTranscript, withClaude } from './claude-run';

const TURNS = 20;
const LONG = "head -c 15000 /dev/zero | tr '\\0' x";

/** Looks at one long output after the other; from the eighth answer on, what it has read is long. */
const script = (request: AnthropicRequest) => {
  const turn = turnOf(request);
  if (turn === TURNS) return { text: 'done' };
  const tools = [bash(`echo ${turn}; ${LONG}`), bash('echo short')];
  return { tools, usage: { cache_read_input_tokens: turn < 8 ? 99_000 : 100_000, output_tokens: 500 } };
};

const resultsOf = ({ messages }: AnthropicRequest): string[] =>
  messages
    .flatMap(({ content }) => blocksOf(content))
    .filter(({ type }) => type === 'tool_result')
    .map(({ content }) => content as string);

const isCleared = (result: string) => result.startsWith('[This result was cleared');

test('a long conversation goes on without its oldest results, cleared in large steps, the same by any worker', async () => {
  await withClaude({ script }, async ({ run, mock, transcript }) => {
    expect(await run()).toEqual({ kind: 'done', output: 'done' });
    const requests = mock.journal.map(({ request }) => request);
    // Five times 15,000 characters are worth it, and the last five turns are kept.
    expect(requests.map((request) => resultsOf(request).filter(isCleared).length)).toEqual(
      Array.from({ length: TURNS + 1 }, (_, turns) => Math.max(5 * Math.floor(turns / 5) - 5, 0)),
    );
    const last = resultsOf(requests[TURNS]!);
    expect(last.filter((result) => result === 'short')).toHaveLength(TURNS);
    expect(last.slice(-10).filter((result) => result.length > 15_000)).toHaveLength(5);
    // The record keeps all of them.
    const recorded = transcript.of('result').filter(({ payload }) => JSON.stringify(payload).length > 15_000);
    expect(recorded).toHaveLength(TURNS);

    const taken = memoryTranscript();
    taken.entries.push(...transcript.entries.filter(({ n }) => n <= 17));
    await run({ transcript: taken });
    expect(resultsOf(mock.journal[TURNS + 1]!.request)).toEqual(resultsOf(requests[17]!));
  });
});

const thoughtTurns = ({ messages }: AnthropicRequest): number =>
  messages.filter(({ content }) => blocksOf(content).some(({ type }) => type === 'thinking')).length;

test('what was thought before that is left out once the API refuses it, and by the next worker at once', async () => {
  const thinking = (request: AnthropicRequest) => ({
    ...script(request),
    thinking: `turn ${turnOf(request)}`,
  });
  await withClaude({ script: thinking }, async ({ run, mock, transcript }) => {
    expect(await run()).toEqual({ kind: 'done', output: 'done' });
    const refused = mock.journal.filter(({ status }) => status === 400);
    expect(refused.map(({ turn }) => turn)).toEqual([10, 15, 20]);
    const sent = mock.journal.filter(({ status }) => status === 200).map(({ request }) => request);
    expect(sent.map(thoughtTurns)).toEqual(
      Array.from({ length: TURNS + 1 }, (_, turn) => (turn < 10 ? turn : turn % 5)),
    );

    const taken = memoryTranscript();
    taken.entries.push(...transcript.entries.filter(({ n }) => n <= 17));
    const before = mock.journal.length;
    await run({ transcript: taken });
    const first = mock.journal[before]!;
    expect([first.status, first.request.messages]).toEqual([200, sent[17]!.messages]);
  });
});
