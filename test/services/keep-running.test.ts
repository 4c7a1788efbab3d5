import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { keepRunning, type Running } from '../../services/supervision/keep-running';
import type { Program } from '../../services/supervision/program';
import { removeTemporaryFolders, temporaryFolder } from '../support/git-repository';

let running: Running | undefined;
beforeEach(() => void jest.spyOn(console, 'log').mockImplementation());
afterEach(async () => {
  await running?.stop();
  await removeTemporaryFolders();
});

const idle = (file: string, folder: string): Program => ({
  name: 'worker',
  command: { file, args: ['-e', 'setInterval(() => {}, 1000)'], env: {} },
  log: join(folder, 'worker.log'),
  ports: [],
  isReady: null,
  stopSignal: 'SIGTERM',
  stopWithinMs: 5_000,
  longestPauseMs: 20,
});

test('a program that cannot be started ends nobody, is on record as failing, and its log says why', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'node');
  const heard: [boolean, number][] = [];
  const onStart = async (process: unknown, failures: number) => void heard.push([process !== null, failures]);
  running = keepRunning(idle(file, folder), { onStart, onSettled: async () => {}, onPortTaken: () => {} });
  await expect(running.ready).rejects.toThrow(`(it cannot be started: spawn ${file} ENOENT)`);
  expect(heard.slice(0, 3)).toEqual([
    [false, 0],
    [false, 1],
    [false, 2],
  ]);
});

test('one that says it is coming gets more time than one that says nothing', async () => {
  const folder = await temporaryFolder();
  const heard = { onStart: async () => {}, onSettled: async () => {}, onPortTaken: () => {} };
  let asked = 0;
  const slow = { ...idle(process.execPath, folder), isReady: async () => ++asked > 20 };
  running = keepRunning({ ...slow, isComing: async () => true }, heard, 1);
  await expect(running.ready).resolves.toBeUndefined();
  await running.stop();
  asked = -1_000_000;
  running = keepRunning({ ...slow, isComing: async () => false }, heard, 1);
  await expect(running.ready).rejects.toThrow('worker does not start');
});

test('one that can be started after all is', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'node');
  const onStart = async (started: unknown) => void (started ?? (await symlink(process.execPath, file)));
  running = keepRunning(idle(file, folder), { onStart, onSettled: async () => {}, onPortTaken: () => {} });
  await expect(running.ready).resolves.toBeUndefined();
});
