import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Transcript, TranscriptEntry } from '../../../agents/contract/agent';
import { toolCallsOf, type Response } from '../../../agents/claude/conversation';
import { createRedactor } from '../../../agents/contract/redact';
import { blocksOf, lastResults, type AnthropicRequest } from '../../support/anthropic-request';
import { bash, turns, withClaude, type MemoryTranscript } from './claude-run';

const write = (path: string) => ({ name: 'write', input: { file_path: path, content: 'x' } });

/** The commands leave a trace each, so that one that ran twice shows. */
const script = turns(
  { thinking: 'first', tools: [bash('echo a >> log'), write('done'), bash('echo b >> log')] },
  { tools: [bash('echo c >> log')] },
  { text: 'All done.' },
);
const RECORDS = 1 + (1 + 3 * 2) + (1 + 1 * 2) + 1;

/** Processes that carry the marker in their command line. */
async function processesWith(mark: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid,stat,args']);
  return stdout.split('\n').filter((line) => line.includes(mark) && !/^\s*\d+ Z/.test(line));
}

class Killed extends Error {}

/** Dies at the n-th record: before it is committed, or right after. */
function dyingAt(transcript: MemoryTranscript, n: number, when: 'before' | 'after'): Transcript {
  let count = 0;
  return {
    load: () => transcript.load(),
    async record(entry) {
      const last = (count += 1) === n;
      if (last && when === 'before') throw new Killed();
      await transcript.record(entry);
      if (last) throw new Killed();
    },
  };
}

const points = Array.from({ length: RECORDS }, (_, index) =>
  (['before', 'after'] as const).map((when) => [index + 1, when] as const),
).flat();

test.each(points)('killed at record %i, %s its commit: goes on from there', async (n, when) => {
  await withClaude({ script }, async ({ run, mock, directory, transcript }) => {
    await expect(run({ transcript: dyingAt(transcript, n, when) })).rejects.toThrow(Killed);
    const last = transcript.entries.at(-1);
    const lost = mock.journal.length - transcript.of('response').length;
    expect(await run()).toEqual({ kind: 'done', output: 'All done.' });

    expect(mock.journal).toHaveLength(3 + lost);
    expect([...new Set(mock.journal.map(({ turn }) => turn))]).toEqual([0, 1, 2]);
    expect(transcript.of('response').map((entry) => entry.n)).toEqual([1, 2, 3]);
    const { messages } = mock.journal.at(-1)!.request;
    const told = JSON.stringify(messages).match(/outcome of this call is unknown/g) ?? [];
    expect(told).toHaveLength(last?.kind === 'begin' ? 1 : 0);
    // Right after `begin` the call has not run, and right before its result it has: the model has to look.
    const neverRan = when === 'after' && last?.kind === 'begin' ? commandOf(transcript, last) : undefined;
    const log = await readFile(join(directory, 'log'), 'utf8');
    expect(log.trim().split('\n')).toEqual(['a', 'b', 'c'].filter((letter) => letter !== neverRan));
  });
});

/** The letter that a call's command leaves. */
function commandOf(transcript: MemoryTranscript, { n, toolUseId }: TranscriptEntry): string | undefined {
  const { content } = transcript.of('response')[n - 1]!.payload as Response;
  const call = toolCallsOf({ content }).find(({ id }) => id === toolUseId);
  return /echo (\w)/.exec(JSON.stringify(call))?.[1];
}

test('interrupted in a model call: that one request is repeated, and what it cost is on record', async () => {
  const faults = (call: number) =>
    call === 2 ? { kind: 'stall' as const, afterEvents: 2, ms: 10_000 } : null;
  await withClaude({ script, faults }, async ({ run, mock, transcript }) => {
    const controller = new AbortController();
    const interrupted = run({ signal: controller.signal });
    while (!mock.journal[1]?.stalled) await new Promise((resolve) => setTimeout(resolve, 10));
    // What was sent before is read: in the turns of this process, whenever it gets them.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 10));
    controller.abort();
    expect(await interrupted).toMatchObject({ kind: 'failed', reason: 'the agent was stopped' });
    const [note] = transcript.of('note');
    expect(note).toMatchObject({ n: 2, toolUseId: 'failed-call-1', usage: { usage_complete: false } });
    expect(note!.costNano).toBeGreaterThan(0);
    expect(await run()).toMatchObject({ kind: 'done' });
    expect(mock.journal.map(({ turn, completed }) => [turn, completed])).toEqual([
      [0, true],
      [1, false],
      [1, true],
      [2, true],
    ]);
  });
});

test('interrupted in a command: it ends with all that it started, and is not run again', async () => {
  const mark = `71.${process.pid}`;
  const slow = turns(
    { tools: [bash(`echo begun >> log; sleep ${mark} & sleep ${mark}`), bash('echo next >> log')] },
    {},
  );
  await withClaude({ script: slow }, async ({ run, mock, directory }) => {
    const controller = new AbortController();
    const processes: number[] = [];
    const ended: number[] = [];
    const interrupted = run({
      signal: controller.signal,
      onProcess: async ({ pid }) => void processes.push(pid),
      afterProcess: async ({ pid }) => void ended.push(pid),
    });
    while (!(await readFile(join(directory, 'log'), 'utf8').catch(() => '')))
      await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort();
    expect(await interrupted).toMatchObject({ kind: 'failed' });
    expect(processes).toHaveLength(1);
    expect(ended).toEqual(processes);
    expect(await processesWith(mark)).toEqual([]);
    expect(await run()).toMatchObject({ kind: 'done' });
    expect(await readFile(join(directory, 'log'), 'utf8')).toBe('begun\nnext\n');
    const [unknown, next] = lastResults(mock.journal[1]!.request);
    expect(unknown).toMatchObject({ isError: true, text: expect.stringContaining('unknown') });
    expect(next).toEqual({ text: '(no output)', isError: false });
  });
});

test('a try that had ended already ends the same way, without a request', async () => {
  await withClaude({ script }, async ({ run, mock }) => {
    const first = await run();
    expect(await run()).toEqual(first);
    expect(mock.journal).toHaveLength(3);
  });
});

test('the conversation keeps the prompt and the model that it began with', async () => {
  await withClaude({ script }, async ({ run, mock, transcript }) => {
    await expect(run({ transcript: dyingAt(transcript, 4, 'after'), model: 'opus' })).rejects.toThrow(Killed);
    await run({ model: 'haiku', prompt: { system: 'other', task: 'other' } });
    expect(new Set(mock.journal.map(({ request }) => request.model))).toEqual(new Set(['claude-opus-5-5']));
    expect(new Set(mock.journal.map(({ task }) => task))).toEqual(new Set(['# Task T1: do it']));
  });
});

const inputsIn = ({ messages }: AnthropicRequest): string =>
  JSON.stringify(messages.flatMap(({ content }) => blocksOf(content)).map(({ input }) => input));

test('another worker sends inputs with their names in the same order: another one would not be in the cache', async () => {
  const edit = { file_path: 'a', old_string: 'x', new_string: 'y' };
  const calls = [write('a'), { name: 'edit', input: edit }, bash('cat a', { timeout_seconds: 5 })];
  const once = turns({ thinking: 'first', text: 'Look:', tools: calls }, { text: 'All done.' });
  await withClaude({ script: once }, async ({ run, mock, transcript }) => {
    await run();
    transcript.entries.pop();
    await run();
    const [, first, again] = mock.journal.map(({ request }) => request);
    expect(inputsIn(again!)).toBe(inputsIn(first!));
    expect(again!.messages).toEqual(first!.messages);
  });
});

test('what was thought after a secret that is not in the record is left out', async () => {
  const url = 'postgres://postgres:postgres@localhost:5432/app';
  const options = { redact: createRedactor([]), withhold: createRedactor([], []) };
  const thoughtful = turns(
    { thinking: 'first', tools: [bash(`echo ${url}`)] },
    { thinking: 'second', tools: [bash('true')] },
    { text: 'All done.' },
  );
  await withClaude({ script: thoughtful }, async ({ run, mock, transcript }) => {
    const dying = dyingAt(transcript, 7, 'after');
    await expect(run({ transcript: dying }, options)).rejects.toThrow(Killed);
    expect(await run({}, options)).toEqual({ kind: 'done', output: 'All done.' });
    expect(mock.journal.map(({ turn, status }) => [turn, status])).toEqual([
      [0, 200],
      [1, 200],
      [2, 400],
      [2, 200],
    ]);
    expect(mock.journal[3]!.raw).not.toContain('"signature"');
  });
});

test('what a killed write left beside its file is removed', async () => {
  const writing = turns({ tools: [{ name: 'write', input: { file_path: 'a', content: 'x' } }] }, {});
  await withClaude({ script: writing }, async ({ run, directory, transcript }) => {
    const left = join(directory, '.tmp-12-3f0e8a52-1b2c-4d3e-8f90-a1b2c3d4e5f6');
    await expect(run({ transcript: dyingAt(transcript, 3, 'after') })).rejects.toThrow(Killed);
    await writeFile(left, 'half');
    await writeFile(join(directory, '.tmp-own'), 'kept');
    await run();
    await expect(readFile(left)).rejects.toThrow('ENOENT');
    expect(await readFile(join(directory, '.tmp-own'), 'utf8')).toBe('kept');
  });
});

test('what is said and done is recorded again and again while the database is away; a lost lease ends at once', async () => {
  const script = turns({ tools: [{ name: 'bash', input: { command: 'echo once >> ran; cat ran' } }] }, {});
  await withClaude({ script }, async ({ run, mock, transcript }) => {
    const failed = new Set(['prompt']);
    const record: Transcript['record'] = async (entry) => {
      if (!failed.has(entry.kind)) {
        failed.add(entry.kind);
        throw Object.assign(new Error('away'), { type: 'DatabaseUnavailable' });
      }
      await transcript.record(entry);
    };
    expect(await run({ transcript: { ...transcript, record } })).toMatchObject({ kind: 'done' });
    expect([...failed]).toEqual(['prompt', 'response', 'begin', 'result']);
    expect(mock.journal).toHaveLength(2);
    expect(transcript.of('result')[0]!.payload).toMatchObject({ content: 'once' });
  });
  await withClaude({ script: turns({}) }, async ({ run, transcript }) => {
    const record: Transcript['record'] = async () => {
      throw Object.assign(new Error('newer'), { type: 'LeaseLost' });
    };
    await expect(run({ transcript: { ...transcript, record } })).rejects.toMatchObject({ type: 'LeaseLost' });
  });
});
