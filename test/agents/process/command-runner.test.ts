import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { eachLine } from '../../../agents/process/command-output';
import { runCommand, type CommandRequest } from '../../../agents/process/command-runner';
import { objectIn } from '../../../agents/process/json-lines';
import type * as Identity from '../../../processes/identity';
import type { ProcessIdentity } from '../../../processes/identity';

/** Who a process is may take a while to be known: elsewhere than on Linux, `ps` says it. */
let mockBeforeIdentity: (pid: number) => Promise<unknown> = async () => undefined;
jest.mock('../../../processes/identity', () => {
  const actual = jest.requireActual<typeof Identity>('../../../processes/identity');
  const identify = async (pid: number) => {
    await mockBeforeIdentity(pid);
    return actual.identify(pid);
  };
  return { ...actual, identify };
});

const run = (script: string, changes: Partial<CommandRequest> = {}) =>
  runCommand({
    command: '/bin/bash',
    arguments: ['-c', script],
    directory: '/',
    environment: { PATH: process.env.PATH! },
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    onProcess: async () => undefined,
    ...changes,
  });

test('input of several megabytes arrives whole', async () => {
  const input = 'line of text\n'.repeat(400_000);
  expect(await run('wc -c', { input })).toMatchObject({ output: `${input.length}\n` });
});

test('a command that does not read its input is no trouble', async () => {
  expect(await run('exec 0<&-; echo ok', { input: 'x'.repeat(5_000_000) })).toMatchObject({
    exitCode: 0,
    output: 'ok\n',
  });
});

test('without input it reads nothing', async () => {
  expect(await run('cat; echo end')).toMatchObject({ output: 'end\n' });
});

test('a command that has become another user cannot be ended: it is left to itself, and nothing else falls', async () => {
  const refused = Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  const kill = jest.spyOn(process, 'kill').mockImplementation(() => {
    throw refused;
  });
  let pid = 0;
  try {
    const onProcess = async (started: ProcessIdentity) => void (pid = started.pid);
    const result = await run('echo begun; exec sleep 300', { timeoutMs: 300, graceMs: 100, onProcess });
    expect(result).toMatchObject({ endedBy: 'timeout', exitCode: null, output: 'begun\n' });
  } finally {
    kill.mockRestore();
    process.kill(-pid, 'SIGKILL');
  }
});

describe('lines of standard output', () => {
  test('all of them, in order, one at a time, and none of standard error', async () => {
    const seen: string[] = [];
    let busy = 0;
    const result = await run('for i in $(seq 1 300); do echo "line $i"; done; echo trouble >&2', {
      onStdoutLine: async (line) => {
        expect(++busy).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(line);
        busy--;
      },
    });
    expect(seen).toEqual(Array.from({ length: 300 }, (_, index) => `line ${index + 1}`));
    expect(result.output).toBe('trouble\n');
  });

  test('what is still in the pipe when the command ends is read', async () => {
    const seen: number[] = [];
    await run('head -c 60000 /dev/zero | tr "\\0" x; echo; echo last', {
      onStdoutLine: async (line) => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        seen.push(line.length);
      },
    });
    expect(seen).toEqual([60_000, 4]);
  });

  test('an error of the reader ends the command and is thrown', async () => {
    const began = Date.now();
    const failing = run('echo one; sleep 30', { onStdoutLine: () => Promise.reject(new Error('no more')) });
    await expect(failing).rejects.toThrow('no more');
    expect(Date.now() - began).toBeLessThan(20_000);
  });
});

describe('eachLine', () => {
  const linesOf = async (chunks: (string | Buffer)[], maxLine?: number) => {
    const lines: string[] = [];
    await eachLine(
      Readable.from(chunks.map((chunk) => Buffer.from(chunk))),
      async (line) => void lines.push(line),
      maxLine,
    );
    return lines;
  };

  test('characters and lines that are cut anywhere', async () => {
    const bytes = Buffer.from('größe\nzwei 🎈\n\ndrei');
    for (let at = 0; at <= bytes.length; at++) {
      expect(await linesOf([bytes.subarray(0, at), bytes.subarray(at)])).toEqual([
        'größe',
        'zwei 🎈',
        'drei',
      ]);
    }
  });

  test('a line beyond the limit is dropped, the next one is not', async () => {
    expect(await linesOf(['aaaa', 'aaaa', 'aa\nok\n'], 8)).toEqual(['ok']);
  });
});

test.each([
  ['{"a":1}', { a: 1 }],
  ['  {"a":1} ', { a: 1 }],
  ['{"a":', null],
  ['[1]', null],
  ['null', null],
  ['"text"', null],
  ['warning: {', null],
])('%j holds %j', (line, expected) => {
  expect(objectIn(line)).toEqual(expected);
});

test('a command that is killed before anything is known of it has ended', async () => {
  mockBeforeIdentity = async (pid) => {
    process.kill(pid, 'SIGKILL');
    await sleep(200);
  };
  const running = run('echo never').finally(() => (mockBeforeIdentity = async () => undefined));
  expect(await running).toMatchObject({ exitCode: null, endedBy: 'SIGKILL' });
});
