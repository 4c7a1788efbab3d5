import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { runCommand } from '../../agents/process/command-runner';
import { identify, nameOf, type ProcessIdentity } from '../../processes/identity';
import { send } from '../../processes/signal';
import { descendantsOf, endTree, isTreeRunning, MARK } from '../../processes/tree';
import { marker, processesWith, until } from '../agents/cli/processes';

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
  return (await identify(child.pid!))!;
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
  ].map(([pid, ppid]) => ({ pid: pid!, ppid: ppid! }));
  expect(descendantsOf(2, rows).sort((a, b) => a - b)).toEqual([20, 21, 200]);
  expect(descendantsOf(99, rows)).toEqual([]);
});

test('a chain of a hundred thousand', () => {
  const rows = Array.from({ length: 100_000 }, (_, index) => ({ pid: index + 2, ppid: index + 1 }));
  expect(descendantsOf(1, rows)).toHaveLength(100_000);
});

test('children in sessions of their own end with the tree', async () => {
  const mark = marker();
  const identity = await sh(`setsid sh -c 'setsid sleep ${mark}; :' & sleep ${mark}; :`);
  await appear(mark, 4);
  expect(await isTreeRunning(identity)).toBe(true);
  await endTree(identity);
  expect(await processesWith(mark)).toEqual([]);
  expect(await isTreeRunning(identity)).toBe(false);
});

test('orphans in sessions of their own are found by their mark, also when their command is long gone', async () => {
  const mark = marker();
  const orphan = { pid: 4_000_001, startedAt: 'boot/12' };
  const other = { pid: 4_000_001, startedAt: 'boot/123' };
  await sh(`sleep ${mark}; :`, { [MARK]: nameOf(other) });
  await appear(mark, 2);
  await endTree(orphan);
  expect(await processesWith(mark)).toHaveLength(2);
  expect(await isTreeRunning(other)).toBe(true);
  await endTree(other);
  expect(await processesWith(mark)).toEqual([]);
});

test('a process that only has the same id is left alone', async () => {
  const mark = marker();
  const { pid } = await sh(`sleep ${mark}; :`);
  await appear(mark, 2);
  const earlier = { pid, startedAt: 'boot/1' };
  expect(await isTreeRunning(earlier)).toBe(false);
  await endTree(earlier);
  expect(await processesWith(mark)).toHaveLength(2);
});

test('gone already: nothing happens', async () => {
  await expect(endTree({ pid: 4_000_002, startedAt: 'boot/1' })).resolves.toBeUndefined();
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
