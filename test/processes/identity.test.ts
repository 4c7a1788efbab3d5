import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { identify, identityNamed, isRunning, nameOf, ownIdentity } from '../../processes/identity';

test('a process runs until it has ended, and an earlier one of its id never', async () => {
  const child = spawn('sleep', ['60']);
  const identity = (await identify(child.pid!))!;
  expect(await isRunning(identity)).toBe(true);
  expect(await isRunning({ ...identity, startedAt: 'boot/1' })).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(await isRunning(identity)).toBe(false);
  expect(await identify(child.pid!)).toBeNull();
});

test('a name stands for one identity; what is none stands for no process', async () => {
  const own = await ownIdentity();
  expect(identityNamed(nameOf(own))).toEqual(own);
  const inWords = { pid: 7, startedAt: 'Sat Nov 28 13:08:49 2026' };
  expect(identityNamed(nameOf(inWords))).toEqual(inWords);
  for (const name of ['', 'x', ':', '-:12:-']) expect(await isRunning(identityNamed(name))).toBe(false);
});
