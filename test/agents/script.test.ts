import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AgentRequest } from '../../agents/contract/agent';
import { createScriptAgent } from '../../agents/script';
import type { ProcessIdentity } from '../../processes/identity';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'yokeflow-agent-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const run = (action: string, changes: Partial<AgentRequest> = {}) =>
  createScriptAgent((text) => text).run({
    task: 1,
    action,
    directory,
    model: null,
    environment: { PATH: process.env.PATH! },
    timeoutMs: 20_000,
    spentMs: 0,
    signal: new AbortController().signal,
    prompt: { system: '', task: '' },
    transcript: { load: async () => [], record: async () => undefined },
    budget: async () => ({ remainingNano: null, scope: 'session' }),
    reserve: async ({ mostNano }) => ({ kind: 'granted', nano: mostNano, interruptedNano: 0 }),
    release: async () => undefined,
    onProcess: async () => undefined,
    afterProcess: async () => undefined,
    keepOutput: async () => null,
    onActivity: () => undefined,
    ...changes,
  });

/** Processes that carry the marker in their command line. */
async function processesWith(marker: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid,stat,args']);
  return stdout.split('\n').filter((line) => line.includes(marker) && !/^\s*\d+ Z/.test(line));
}

const marker = () => `31.${process.pid}${Math.floor(Math.random() * 1e6)}`;

test('runs in its directory, with nothing but the environment it is given', async () => {
  process.env.A_SECRET_KEY = 'sk-hidden';
  const outcome = await run('pwd > where; env > environment', {
    environment: { PATH: process.env.PATH!, GREETING: 'hi' },
  });
  delete process.env.A_SECRET_KEY;
  expect(outcome).toMatchObject({ kind: 'done' });
  expect((await readFile(join(directory, 'where'), 'utf8')).trim()).toContain('yokeflow-agent-');
  const environment = await readFile(join(directory, 'environment'), 'utf8');
  expect(environment).toContain('GREETING=hi');
  expect(environment).not.toContain('sk-hidden');
});

test.each([
  ['exit 3', 'the script ended with exit code 3'],
  ['echo "no such table" >&2; exit 1', 'the script ended with exit code 1: no such table'],
  ['false; echo never', 'the script ended with exit code 1'],
  ['false | true; echo never', 'the script ended with exit code 1'],
  ['kill -9 $$', 'the script was ended by SIGKILL'],
])('%j fails and says why', async (action, reason) => {
  expect(await run(action)).toMatchObject({ kind: 'failed', reason });
});

test('an action longer than a command-line argument may be', async () => {
  const long = `: ${'x'.repeat(300_000)}\necho end > end`;
  expect(await run(long)).toMatchObject({ kind: 'done' });
});

test('a task without a script fails and says so', async () => {
  expect(await run(' ')).toEqual({
    kind: 'failed',
    reason: 'the task has no script to run: give it an action',
    output: '',
  });
});

test('long output keeps its head and its tail', async () => {
  const outcome = await run('echo first; for i in $(seq 1 20000); do echo "line $i"; done; echo last');
  const output = outcome.kind === 'held' ? '' : outcome.output;
  expect(output.length).toBeLessThan(20_000);
  expect(output).toMatch(/^first\n/);
  expect(output).toMatch(/characters left out/);
  expect(output).toMatch(/last\n$/);
});

test('out of time: the whole group ends, what it printed is kept', async () => {
  const mark = marker();
  const outcome = await run(`echo started; sleep ${mark} & sleep ${mark}`, { timeoutMs: 4_000 });
  expect(outcome).toMatchObject({ kind: 'failed', reason: 'the script ran out of time after 4 s: started' });
  expect(await processesWith(mark)).toEqual([]);
});

test('a child left in the background ends with the script, also one that ignores SIGTERM', async () => {
  const mark = marker();
  expect(await run(`(trap '' TERM; sleep ${mark}) & echo done`)).toMatchObject({ kind: 'done' });
  expect(await processesWith(mark)).toEqual([]);
});

test('an abort ends everything within seconds', async () => {
  const mark = marker();
  const controller = new AbortController();
  const began = Date.now();
  const outcome = run(`trap '' TERM; sleep ${mark} & wait; sleep ${mark}`, { signal: controller.signal });
  setTimeout(() => controller.abort(), 300);
  expect(await outcome).toMatchObject({ kind: 'failed' });
  expect(Date.now() - began).toBeLessThan(10_000);
  expect(await processesWith(mark)).toEqual([]);
});

describe('the process group is on record before anything runs', () => {
  test('the record names the group and its start time', async () => {
    const seen: ProcessIdentity[] = [];
    await run('true', { onProcess: async (identity) => void seen.push(identity) });
    expect(seen).toEqual([{ pid: expect.any(Number), startedAt: expect.stringMatching(/\/\d+$/) }]);
  });

  test('nothing runs when the record cannot be made', async () => {
    const refused = run('touch ran', { onProcess: () => Promise.reject(new Error('the lease is lost')) });
    await expect(refused).rejects.toThrow('the lease is lost');
    await expect(readFile(join(directory, 'ran'))).rejects.toThrow('ENOENT');
  });
});
