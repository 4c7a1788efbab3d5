import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AgentError } from '../../../agents/contract/agent-error';
import { FAILURES, type FailureType } from '../../../domain/session/failures';
import { seededFaults, type Fault } from '../../support/anthropic-faults';
import { bash, turns, withClaude } from './claude-run';

const script = turns({ tools: [bash('echo 1')] }, { text: 'Done.' });
const onCall = (number: number, fault: Fault) => (call: number) => (call === number ? fault : null);

test.each<[Fault, FailureType, string]>([
  [{ kind: 'status', status: 404 }, 'ProviderRefused', 'choose a model'],
  [{ kind: 'status', status: 400, message: 'messages.0: bad' }, 'ProviderRefused', 'yokeflow transcript'],
  [{ kind: 'status', status: 429 }, 'ProviderUnavailable', '429 planned; it is tried again'],
  [{ kind: 'status', status: 429, retryAfter: 0 }, 'ProviderUnavailable', '429'],
  [{ kind: 'status', status: 500 }, 'ProviderUnavailable', '500'],
  [{ kind: 'status', status: 504 }, 'ProviderUnavailable', '504'],
  [{ kind: 'status', status: 529 }, 'ProviderUnavailable', '529'],
  [{ kind: 'disconnect', afterEvents: 0 }, 'ProviderUnavailable', 'broke off'],
  [{ kind: 'disconnect', afterEvents: 3 }, 'ProviderUnavailable', 'broke off'],
  [{ kind: 'end', afterEvents: 0 }, 'ProviderUnavailable', 'broke off'],
  [{ kind: 'end', afterEvents: 3 }, 'ProviderUnavailable', 'broke off'],
  [{ kind: 'error-event', afterEvents: 2, type: 'overloaded_error' }, 'ProviderUnavailable', '529 planned'],
  [{ kind: 'error-event', afterEvents: 2, type: 'a_new_error' }, 'ProviderUnavailable', 'planned'],
  [{ kind: 'html' }, 'ProviderUnavailable', 'answers with a web page: look at ANTHROPIC_BASE_URL'],
])('%j is %s, once', async (fault, type, message) => {
  await withClaude({ script, faults: onCall(2, fault) }, async ({ run, mock }) => {
    const error = (await run().catch((thrown: unknown) => thrown)) as AgentError;
    expect(error).toMatchObject({ name: 'AgentError', type, message: expect.stringContaining(message) });
    expect(error.retryAfterMs).toBeUndefined();
    expect(mock.journal).toHaveLength(2);
    expect(FAILURES[type]).toBe(type === 'ProviderRefused' ? 'person' : 'retry');
    expect(await run()).toEqual({ kind: 'done', output: 'Done.' });
    expect(mock.journal.map(({ turn }) => turn)).toEqual([0, 1, 1]);
  });
});

test.each<[Fault, string]>([
  [{ kind: 'status', status: 401 }, 'set ANTHROPIC_API_KEY to a valid key'],
  [{ kind: 'status', status: 402 }, 'settle the billing'],
  [{ kind: 'status', status: 403 }, 'allowed to do this'],
  [{ kind: 'json' }, 'its answer is application/json instead of a stream; set ANTHROPIC_BASE_URL'],
  [{ kind: 'html', status: 403 }, 'that is not the API: look at the proxy'],
  [{ kind: 'status', status: 429, code: 'enforced_spend_limit_reached' }, 'settle the billing'],
  [{ kind: 'status', status: 400, message: 'Your credit balance is too low' }, 'settle the billing'],
])(
  '%j ends the try before its first turn, and later holds the conversation for a person',
  async (fault, advice) => {
    const faults = (call: number) => (call === 1 || call === 3 ? fault : null);
    await withClaude({ script, faults }, async ({ run, mock }) => {
      const refused = {
        type: 'ProviderRefused',
        message: expect.stringMatching(`${advice}.*, then run again$`),
      };
      await expect(run()).rejects.toMatchObject(refused);
      const reason = expect.stringContaining(advice);
      expect(await run()).toEqual({ kind: 'held', why: 'account', reason });
      expect(await run()).toEqual({ kind: 'done', output: 'Done.' });
      expect(mock.journal.map(({ turn }) => turn)).toEqual([0, 0, 1, 1]);
    });
  },
);

test.each([413, 400])('a conversation too long (%i) is a failure of the work', async (status) => {
  const faults = onCall(2, { kind: 'status', status, message: 'prompt is too long: 1000001 tokens' });
  await withClaude({ script, faults }, async ({ run }) => {
    expect(await run()).toMatchObject({ kind: 'failed', reason: expect.stringContaining('too long') });
  });
});

test('an answer that the API has blocked is a failure of the work: another try may get another one', async () => {
  const said = 'Output blocked by content filtering policy';
  const faults = onCall(2, { kind: 'status', status: 400, message: said });
  await withClaude({ script, faults }, async ({ run }) => {
    expect(await run()).toMatchObject({ kind: 'failed', reason: expect.stringContaining(said) });
  });
});

test.each([301, 302, 307, 308])(
  'a redirection (%i) is not followed with the key, but named',
  async (status) => {
    await withClaude({ script }, async ({ run, mock }) => {
      const headers = { location: `${mock.baseUrl}/v1/messages?token=known` };
      const gateway = createServer((_, response) => response.writeHead(status, headers).end());
      await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
      const baseUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
      const said = `the API refuses: it leads to ${mock.baseUrl}; set ANTHROPIC_BASE_URL to the address of the API itself`;
      try {
        await expect(run({}, { baseUrl })).rejects.toMatchObject({
          type: 'ProviderRefused',
          message: `${said}, then run again`,
        });
        expect(mock.journal).toEqual([]);
      } finally {
        gateway.close();
      }
    });
  },
);

test('a short limit names when to try again', async () => {
  const faults = onCall(1, { kind: 'status', status: 429, retryAfter: 17 });
  await withClaude({ script, faults }, async ({ run }) => {
    await expect(run()).rejects.toMatchObject({ type: 'ProviderUnavailable', retryAfterMs: 17_000 });
  });
});

test.each([
  ['seconds', () => 7200],
  ['a date', () => new Date(Date.now() + 7_200_500).toUTCString()],
])('a limit of hours, in %s, holds the session', async (_, retryAfter) => {
  const faults = onCall(2, { kind: 'status', status: 429, retryAfter: retryAfter() });
  await withClaude({ script, faults }, async ({ run, mock }) => {
    const outcome = await run();
    expect(outcome).toMatchObject({ kind: 'held', why: 'limit', reason: expect.stringContaining('429') });
    const { forMs } = outcome as { forMs: number };
    expect(forMs).toBeGreaterThan(7_190_000);
    expect(forMs).toBeLessThanOrEqual(7_201_000);
    expect(await run()).toMatchObject({ kind: 'done' });
    expect(mock.journal.map(({ turn }) => turn)).toEqual([0, 1, 1]);
  });
});

test('nobody listens there', async () => {
  await withClaude({ script }, async ({ run, transcript }) => {
    await expect(run({}, { baseUrl: 'http://127.0.0.1:2' })).rejects.toMatchObject({
      type: 'ProviderUnavailable',
      message: expect.stringContaining('ECONNREFUSED 127.0.0.1:2'),
    });
    expect(transcript.of('note')).toEqual([]);
  });
});

test('a silent stream is given up; one that only pings is not', async () => {
  const stall = { kind: 'stall', afterEvents: 3, ms: 4_000 } as const;
  await withClaude({ script, faults: onCall(1, stall) }, async ({ run }) => {
    await expect(run({}, { idleMs: 500 })).rejects.toThrow('the API sent nothing for 1 s');
  });
  // A machine that is busy for two seconds delays a ping by as much.
  await withClaude({ script, faults: onCall(1, { ...stall, pings: true }) }, async ({ run }) => {
    expect(await run({}, { idleMs: 3_000 })).toMatchObject({ kind: 'done' });
  });
});

test('a tool call whose input is no JSON is not run, and the turn is asked for again', async () => {
  await withClaude(
    { script, faults: onCall(1, { kind: 'bad-input' }) },
    async ({ run, mock, transcript }) => {
      await expect(run()).rejects.toMatchObject({
        type: 'ProviderUnavailable',
        message: expect.stringMatching(/^a call of a tool was no JSON: .*oops.*; it is tried again$/),
      });
      expect(transcript.of('begin')).toEqual([]);
      expect(await run()).toEqual({ kind: 'done', output: 'Done.' });
      expect(mock.journal.map(({ turn }) => turn)).toEqual([0, 0, 1]);
    },
  );
});

test('a broken stream costs its input and what is known of its output', async () => {
  const usage = { input_tokens: 1_000, output_tokens: 500, cache_read_input_tokens: 10_000 };
  const broken = { kind: 'disconnect', afterEvents: 3 } as const;
  const twice = (call: number) => (call <= 2 ? broken : null);
  await withClaude({ script: () => ({ usage }), faults: twice }, async ({ run, transcript }) => {
    await expect(run()).rejects.toMatchObject({ type: 'ProviderUnavailable' });
    await expect(run()).rejects.toMatchObject({ type: 'ProviderUnavailable' });
    await run();
    const input = 1_000 * 2_000 + 10_000 * 100;
    const notes = transcript.of('note');
    expect(notes.map(({ n, toolUseId }) => [n, toolUseId])).toEqual([
      [1, 'failed-call-1'],
      [1, 'failed-call-2'],
    ]);
    expect(notes.map(({ costNano }) => costNano)).toEqual([input + 10_000, input + 10_000]);
    expect(notes[0]!.usage).toMatchObject({ input_tokens: 1_000, output_tokens: 1, usage_complete: false });
    expect(transcript.costNano()).toBe(2 * (input + 10_000) + input + 500 * 10_000);
  });
});

test.each<[Fault]>([[{ kind: 'disconnect', afterEvents: 3 }], [{ kind: 'end', afterEvents: 0 }]])(
  '%j each time: somebody has to look, before it costs ever more',
  async (fault) => {
    await withClaude(
      { script, faults: (call) => (call > 1 && call !== 12 ? fault : null) },
      async (world) => {
        const { run, mock } = world;
        const broken = { type: 'ProviderUnavailable', message: expect.stringContaining('broke off') };
        for (let tries = 1; tries < 10; tries++) await expect(run()).rejects.toMatchObject(broken);
        expect(await run()).toEqual({
          kind: 'held',
          why: 'account',
          reason: expect.stringMatching(
            /^the API's answers broke off 10 times in a row, the last one: .* ANTHROPIC_BASE_URL/,
          ),
        });
        expect(await run()).toEqual({ kind: 'done', output: 'Done.' });
        expect(mock.journal).toHaveLength(12);
      },
    );
  },
);

test('a model that writes no JSON each time is no trouble of the network, and fails the try', async () => {
  await withClaude({ script, faults: () => ({ kind: 'bad-input' }) }, async ({ run, mock }) => {
    for (let tries = 1; tries < 10; tries++)
      await expect(run()).rejects.toMatchObject({ type: 'ProviderUnavailable' });
    expect(await run()).toEqual({
      kind: 'failed',
      reason: expect.stringMatching(
        /^the model wrote calls of tools that are no JSON 10 times in a row, the last one: .*oops/,
      ),
      output: '',
    });
    expect(mock.journal).toHaveLength(10);
  });
});

test('a fifth of all calls fails, and every turn is there once in the end', async () => {
  const replies = Array.from({ length: 12 }, (_, index) => ({ tools: [bash(`echo ${index}`)] }));
  const faults = seededFaults({ seed: 2, share: 0.2 });
  await withClaude(
    { script: turns(...replies, { text: 'Done.' }), faults },
    async ({ run, mock, transcript }) => {
      for (;;) {
        const outcome = await run().catch((error: { type: string }) => error.type);
        if (typeof outcome !== 'string') break;
        expect(outcome).toBe('ProviderUnavailable');
      }
      const completed = mock.journal.filter((entry) => entry.completed);
      expect(mock.journal.length).toBeGreaterThan(13);
      expect(completed.map(({ turn }) => turn)).toEqual(Array.from({ length: 13 }, (_, index) => index));
      expect(transcript.of('result')).toHaveLength(12);
    },
  );
});
