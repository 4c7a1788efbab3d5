import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { ProcessIdentity } from '../../../agents/contract/agent';
import { runCommand } from '../../../agents/process/command-runner';
import { send, startTimeOf } from '../../../agents/process/process-identity';
import { listProcesses } from '../../../agents/process/process-list';
import { descendantsOf, endTree, MARK, markOf } from '../../../agents/process/process-tree';
import { marker, processesWith, until } from '../cli/processes';

const started: ChildProcess[] = [];
afterEach(() => {
  // Each leads a group, its own children in it.
  for (const child of started.splice(0)) send(-child.pid!, 'SIGKILL');
});

async function sh(script: string, environment: Record<string, string> = {}): Promise<ProcessIdentity> {
  const env = { PATH: process.env.PATH!, ...environment };
  const child = spawn('/bin/sh', ['-c', script], { detached: true, stdio: 'ignore', env });
  started.push(child);
  await once(child, 'spawn');
  return { pgid: child.pid!, startTime: await startTimeOf(child.pid!) };
}

const appear = (mark: string, count = 1) => until(async () => (await processesWith(mark)).length >= count);

test('descendants, however deep, and nobody else', () => {
  const rows = [
    [2, 1],
    [3, 1],
    [20, 2],
    [21, 2],
    [200, 20],
    [30, 3],
  ].map(([pid, ppid]) => ({ pid: pid!, ppid: ppid!, pgid: pid! }));
  expect(descendantsOf(2, rows).sort((a, b) => a - b)).toEqual([20, 21, 200]);
  expect(descendantsOf(99, rows)).toEqual([]);
});

test('a chain of a hundred thousand', () => {
  const rows = Array.from({ length: 100_000 }, (_, index) => ({ pid: index + 2, ppid: index + 1, pgid: 1 }));
  expect(descendantsOf(1, rows)).toHaveLength(100_000);
});

test('the list of this machine has this process with its parent', async () => {
  expect(await listProcesses()).toContainEqual({
    pid: process.pid,
    ppid: process.ppid,
    pgid: expect.any(Number),
    startTime: Number(await startTimeOf(process.pid)),
  });
});

test('children in sessions of their own end with the tree', async () => {
  const mark = marker();
  const identity = await sh(`setsid sh -c 'setsid sleep ${mark}; :' & sleep ${mark}; :`);
  await appear(mark, 4);
  await endTree(identity);
  expect(await processesWith(mark)).toEqual([]);
});

test('orphans in sessions of their own are found by their mark, also when their command is long gone', async () => {
  const mark = marker();
  const orphan = { pgid: 4_000_001, startTime: '12' };
  const other = { pgid: 4_000_001, startTime: '123' };
  await sh(`sleep ${mark}; :`, { [MARK]: markOf(other) });
  await appear(mark, 2);
  await endTree(orphan);
  expect(await processesWith(mark)).toHaveLength(2);
  await endTree(other);
  expect(await processesWith(mark)).toEqual([]);
});

test('a process that only has the same id is left alone', async () => {
  const mark = marker();
  const { pgid } = await sh(`sleep ${mark}; :`);
  await appear(mark, 2);
  await endTree({ pgid, startTime: '1' });
  expect(await processesWith(mark)).toHaveLength(2);
});

test('gone already: nothing happens', async () => {
  await expect(endTree({ pgid: 4_000_002, startTime: '1' })).resolves.toBeUndefined();
});

test('a command that ends well leaves no child behind, in whatever session', async () => {
  const mark = marker();
  const result = await runCommand({
    command: '/bin/sh',
    arguments: ['-c', `setsid sh -c "sleep ${mark}; :" < /dev/null > /dev/null 2>&1 & sleep 0.3; echo fine`],
    directory: '/',
    environment: { PATH: process.env.PATH! },
    timeoutMs: 10_000,
    signal: new AbortController().signal,
    onProcess: async () => undefined,
  });
  expect(result).toEqual({ exitCode: 0, endedBy: 'exit', output: 'fine\n' });
  expect(await processesWith(mark)).toEqual([]);
});
