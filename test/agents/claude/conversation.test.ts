import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContentBlock } from '../../../agents/claude/conversation';
import type { TranscriptEntry } from '../../../agents/contract/agent';
import { recordable } from '../../../agents/claude/redacted';
import { createRedactor } from '../../../agents/contract/redact';
import { blocksOf, lastResults } from '../../support/anthropic-request';
import { bash, turns, withClaude } from './claude-run';

test('a task in four turns: reads, edits, runs, and says what it did', async () => {
  const script = turns(
    { thinking: 'look first', text: 'I look.', tools: [{ name: 'read', input: { file_path: 'a.ts' } }] },
    {
      tools: [{ name: 'edit', input: { file_path: 'a.ts', old_string: '1', new_string: '2' } }],
    },
    {
      thinking: 'check',
      tools: [{ name: 'write', input: { file_path: 'src/b.ts', content: 'b' } }, bash('cat a.ts')],
    },
    { text: 'It is 2 now.' },
  );
  await withClaude({ script }, async ({ run, directory, mock, transcript, activity }) => {
    await writeFile(join(directory, 'a.ts'), 'x = 1');
    expect(await run()).toEqual({ kind: 'done', output: 'It is 2 now.' });
    expect(await readFile(join(directory, 'a.ts'), 'utf8')).toBe('x = 2');
    expect((await stat(join(directory, 'src/b.ts'))).mode & 0o777).toBe(0o644);
    expect(mock.journal.map(({ turn, completed }) => [turn, completed])).toEqual(
      [0, 1, 2, 3].map((n) => [n, true]),
    );
    expect(lastResults(mock.journal[1]!.request)).toEqual([{ text: 'x = 1', isError: false }]);
    expect(lastResults(mock.journal[3]!.request).map(({ text }) => text)).toEqual([
      'wrote 1 bytes to src/b.ts',
      'x = 2',
    ]);
    expect(activity).toEqual([
      'thinking',
      'reading a.ts',
      'thinking',
      'editing a.ts',
      'thinking',
      'writing src/b.ts',
      'bash: cat a.ts',
      'thinking',
    ]);
    expect(transcript.entries.map(({ n, kind }) => `${n} ${kind}`)).toEqual([
      '0 prompt',
      '1 response',
      '1 begin',
      '1 result',
      '2 response',
      '2 begin',
      '2 result',
      '3 response',
      '3 begin',
      '3 result',
      '3 begin',
      '3 result',
      '4 response',
    ]);
  });
});

test('parallel calls run one after the other, and are answered in their order', async () => {
  const script = turns(
    {
      tools: [
        bash('sleep 0.3; echo one >> log'),
        bash('echo two >> log'),
        bash('cat log'),
        bash('exit 7'),
        bash('true'),
      ],
    },
    {},
  );
  await withClaude({ script }, async ({ run, mock }) => {
    await run();
    expect(lastResults(mock.journal[1]!.request)).toEqual([
      { text: '(no output)', isError: false },
      { text: '(no output)', isError: false },
      { text: 'one\ntwo', isError: false },
      { text: '[exit code 7]', isError: true },
      { text: '(no output)', isError: false },
    ]);
  });
});

test('the system prompt, and where this call and the one before end, are marked for the cache, and nothing else', async () => {
  const script = turns({ tools: [bash('true'), bash('true')] }, { tools: [bash('true')] }, {});
  await withClaude({ script }, async ({ run, mock, transcript }) => {
    await run();
    for (const { request, raw, turn } of mock.journal) {
      const { cache_control, system } = request as {
        cache_control: unknown;
        system: { cache_control: unknown }[];
      };
      expect(cache_control).toEqual({ type: 'ephemeral' });
      expect(system.at(-1)!.cache_control).toEqual({ type: 'ephemeral' });
      expect(raw.match(/cache_control/g)).toHaveLength(turn === 0 ? 2 : 3);
      const before = blocksOf(request.messages.at(-3)?.content ?? []);
      expect(before.map(({ cache_control: mark }) => mark)).toEqual(
        [[], [{ type: 'ephemeral' }], [undefined, { type: 'ephemeral' }]][turn],
      );
    }
    const second = transcript.of('response')[1]!.usage!;
    expect(second.cache_read_input_tokens).toBeGreaterThan(0);
    const [first, then] = mock.journal.map(({ request }) => request);
    expect(blocksOf(then!.messages[0]!.content)).toMatchObject(blocksOf(first!.messages[0]!.content));
    expect(then!.tools).toEqual(first!.tools);
  });
});

test('calls of a cut-off response are not run, and the model is told', async () => {
  const script = turns(
    { stopReason: 'max_tokens', tools: [bash('touch cut-off'), bash('touch too')] },
    { stopReason: 'max_tokens', text: 'half a sen' },
    { tools: [bash('touch whole')] },
    {},
  );
  await withClaude({ script }, async ({ run, mock, directory }) => {
    expect(await run()).toMatchObject({ kind: 'done' });
    const answers = lastResults(mock.journal[1]!.request);
    expect(answers).toHaveLength(2);
    for (const { text, isError } of answers) {
      expect(isError).toBe(true);
      expect(text).toContain('cut off');
    }
    expect(JSON.stringify(mock.journal[2]!.request.messages.at(-1))).toContain('cut off');
    await expect(stat(join(directory, 'cut-off'))).rejects.toThrow('ENOENT');
    expect((await stat(join(directory, 'whole'))).isFile()).toBe(true);
  });
});

test('a turn that ended without a word proves nothing: the model is asked whether it is done', async () => {
  // Not by its messages: it leaves none.
  const replies = [{ tools: [bash('touch half')] }, { text: '' }, { tools: [bash('touch whole')] }, {}];
  const script = () => replies.shift()!;
  await withClaude({ script }, async ({ run, mock, directory }) => {
    expect(await run()).toEqual({ kind: 'done', output: 'Done.' });
    const asked = mock.journal[2]!.request.messages;
    expect(asked.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(blocksOf(asked.at(-1)!.content)).toMatchObject([
      { type: 'tool_result' },
      { type: 'text', text: expect.stringContaining('without a word') },
    ]);
    expect((await stat(join(directory, 'whole'))).isFile()).toBe(true);
  });
  await withClaude({ script: () => ({ text: ' ' }) }, async ({ run, mock }) => {
    expect(await run()).toMatchObject({ kind: 'failed', reason: expect.stringContaining('without a word') });
    expect(mock.journal).toHaveLength(2);
  });
});

test.each([
  ['refusal', 'the model refused to do the task'],
  ['model_context_window_exceeded', 'the conversation has become longer than the model can read'],
  ['a_new_one', 'the model stopped for a reason that is not known here: a_new_one'],
])('stop reason %s is a failure of the work', async (stopReason, reason) => {
  await withClaude({ script: turns({ text: 'no', stopReason }) }, async ({ run, mock }) => {
    expect(await run()).toEqual({ kind: 'failed', reason, output: 'no' });
    expect(mock.journal).toHaveLength(1);
  });
});

test('a refusal says by which of its rules, where the API says so', async () => {
  const stopDetails = { type: 'refusal', category: 'cyber', explanation: 'It could enable cyber harm.' };
  await withClaude({ script: turns({ text: '', stopReason: 'refusal', stopDetails }) }, async ({ run }) => {
    const reason = 'the model refused to do the task: cyber: It could enable cyber harm.';
    const outcome = { kind: 'failed', reason, output: '' };
    expect(await run()).toEqual(outcome);
    // And so says another worker, from the record.
    expect(await run()).toEqual(outcome);
  });
});

test('after pause_turn the API is asked to go on', async () => {
  const script = turns({ text: 'searching', stopReason: 'pause_turn' }, { text: 'found' });
  await withClaude({ script }, async ({ run, mock }) => {
    expect(await run()).toEqual({ kind: 'done', output: 'found' });
    expect(mock.journal[1]!.request.messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
  });
});

test('limits: turns, answers cut off in a row, and time', async () => {
  await withClaude({ script: () => ({ tools: [bash('true')] }) }, async ({ run, mock }) => {
    const outcome = await run({}, { maxTurns: 3 });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'the agent did not finish within 3 turns' });
    expect(mock.journal).toHaveLength(3);
  });
  await withClaude({ script: () => ({ text: 'and', stopReason: 'max_tokens' }) }, async ({ run, mock }) => {
    expect(await run()).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('3 times in a row'),
    });
    expect(mock.journal).toHaveLength(3);
  });
  await withClaude({ script: () => ({ tools: [bash('sleep 20')] }) }, async ({ run }) => {
    expect(await run({ timeoutMs: 1_000 })).toMatchObject({ reason: 'the agent ran out of time after 1 s' });
  });
});

test('the time of earlier workers counts', async () => {
  await withClaude({ script: turns({ tools: [bash('sleep 60')] }) }, async ({ run }) => {
    const outcome = await run({ timeoutMs: 60_000, spentMs: 59_000 });
    expect(outcome).toMatchObject({ reason: 'the agent ran out of time after 60 s' });
  });
});

test('wrong input and unknown tools are told to the model', async () => {
  const script = turns({ tools: [{ name: 'browse', input: {} }, { name: 'read', input: {} }, bash('')] }, {});
  await withClaude({ script }, async ({ run, mock }) => {
    expect(await run()).toMatchObject({ kind: 'done' });
    const [unknown, missing, empty] = lastResults(mock.journal[1]!.request);
    expect(unknown!.text).toContain('no such tool; there are: bash, read, write, edit, grep');
    expect(missing).toEqual({ text: 'read: "file_path" is missing', isError: true });
    expect(empty).toEqual({ text: 'bash: "command" is missing', isError: true });
  });
});

test('secrets are in nothing that is recorded, sent or shown', async () => {
  const secret = 'sk-ant-planted-0123456789';
  const redact = (text: string) => text.replaceAll(secret, '[redacted]');
  const script = turns(
    { tools: [bash('echo sk-ant-"planted"-0123456789; echo sk-ant-"planted"-0123456789 >&2')] },
    {},
  );
  await withClaude({ script }, async ({ run, mock, transcript, activity }) => {
    const prompt = { system: `rules ${secret}`, task: `task ${secret}` };
    expect(await run({ prompt }, { redact })).toMatchObject({ kind: 'done' });
    expect(lastResults(mock.journal[1]!.request)[0]!.text).toBe('[redacted]\n[redacted]');
    const everything = JSON.stringify([transcript.entries, activity, mock.journal]);
    expect(everything).not.toContain(secret);
    expect(everything).toContain('rules [redacted]');
  });
});

test('what merely looks like a secret reaches files and model as it is, and no record', async () => {
  const url = 'postgres://postgres:postgres@localhost:5432/app';
  const options = {
    redact: createRedactor(['known-secret']),
    withhold: createRedactor(['known-secret'], []),
  };
  const script = turns(
    {
      thinking: `It is ${url}.`,
      tools: [{ name: 'write', input: { file_path: '.env.example', content: `DB=${url}` } }],
    },
    { tools: [{ name: 'read', input: { file_path: '.env.example' } }, bash('echo known-"secret"')] },
    {},
  );
  await withClaude({ script }, async ({ run, directory, mock, transcript, activity }) => {
    const prompt = { system: 'rules', task: `Write ${url} down; known-secret` };
    expect(await run({ prompt }, options)).toMatchObject({ kind: 'done' });
    expect(await readFile(join(directory, '.env.example'), 'utf8')).toBe(`DB=${url}`);
    expect(lastResults(mock.journal[2]!.request).map(({ text }) => text)).toEqual([
      `DB=${url}`,
      '[redacted]',
    ]);
    expect(mock.journal[2]!.task).toBe(`Write ${url} down; [redacted]`);
    const recorded = JSON.stringify([transcript.entries, activity]);
    expect(recorded).toContain('DB=postgres://postgres:[redacted]@localhost');
    expect(recorded).not.toContain(url);
  });
});

test('a call that lost a secret with its worker is made again, and not run with [redacted] in it', async () => {
  const url = 'postgres://postgres:postgres@localhost:5432/app';
  const options = { redact: createRedactor([]), withhold: createRedactor([], []) };
  const call = { name: 'write', input: { file_path: '.env.example', content: `DB=${url}` } };
  const script = turns({ tools: [call] }, { tools: [call] }, {});
  await withClaude({ script }, async ({ run, directory, mock, transcript }) => {
    const dying = {
      ...transcript,
      async record(entry: TranscriptEntry) {
        if (entry.kind === 'begin') throw new Error('killed');
        await transcript.record(entry);
      },
    };
    const prompt = { system: 'rules', task: `Write ${url} down` };
    await expect(run({ prompt, transcript: dying }, options)).rejects.toThrow('killed');
    expect(await run({ prompt }, options)).toMatchObject({ kind: 'done' });
    expect(lastResults(mock.journal[1]!.request)[0]!.text).toContain('Make it again');
    expect(mock.journal.at(-1)!.task).toBe(prompt.task);
    expect(await readFile(join(directory, '.env.example'), 'utf8')).toBe(`DB=${url}`);
  });
});

test('a response is recorded as it came, but for secrets and what the SDK adds', () => {
  const redact = (text: string) => text.replaceAll('secret', '[redacted]');
  const text = { type: 'text', text: 'the secret', citations: null };
  const call = { type: 'tool_use', id: 'a', name: 'bash', input: { command: ['secret', 1, null] } };
  const thinking = { type: 'thinking', thinking: 'hm', signature: 's' };
  const content = [thinking, { ...thinking, thinking: 'a secret' }, { ...text, parsed_output: 1 }, call];
  expect(recordable(content as unknown as ContentBlock[], redact)).toEqual([
    thinking,
    { ...text, text: 'the [redacted]' },
    { ...call, input: { command: ['[redacted]', 1, null] } },
  ]);
});
