import { spawn } from 'node:child_process';
import { waitUntil } from '../../services/wait';
import { findProcess, listProcesses } from '../../processes/table';

const own = { pid: process.pid, ppid: process.ppid, pgid: expect.any(Number), stopped: false };

test('the list of this machine has this process with its parent', async () => {
  const startedAt = expect.stringMatching(/^[0-9a-f-]{36}\/\d+$/);
  expect(await listProcesses()).toContainEqual({ ...own, startedAt });
  expect(await findProcess(process.pid)).toEqual({ ...own, startedAt });
});

test('so it has where there is no /proc, and tells the time in words that are the same for everybody', async () => {
  const startedAt = expect.stringMatching(/^[A-Z][a-z]{2} [A-Z][a-z]{2} \d+ [\d:]{8} \d{4}$/);
  expect(await listProcesses('darwin')).toContainEqual({ ...own, startedAt });
  const found = await findProcess(process.pid, 'darwin');
  expect(found).toEqual({ ...own, startedAt });
  const began = Date.now() - process.uptime() * 1000;
  expect(Math.abs(Date.parse(`${found!.startedAt} UTC`) - began)).toBeLessThan(10_000);
});

test.each(['linux', 'darwin'] as const)(
  'a process that was stopped is told from one that runs (%s)',
  async (platform) => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const isStopped = async () => (await findProcess(child.pid!, platform))?.stopped;
    expect(await isStopped()).toBe(false);
    child.kill('SIGSTOP');
    expect(await waitUntil(async () => (await isStopped()) === true, 5_000)).toBe(true);
    child.kill('SIGKILL');
  },
);

test.each(['linux', 'darwin'] as const)(
  'no process has an id that is not in use, nor one that is none (%s)',
  async (platform) => {
    expect(await findProcess(4_000_003, platform)).toBeNull();
    expect(await findProcess(Number.NaN, platform)).toBeNull();
  },
);
