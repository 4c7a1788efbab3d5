import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OWNER_VARIABLE } from '../../../git/process/environment';
import type { ProcessOptions } from '../../../git/process/process';
import { startSpawner } from '../../../git/process/spawner';
import { identityNamed, isRunning } from '../../../processes/identity';

const PROGRAM = join(__dirname, '../../../dist/git/process/spawner-main.js');

const options: ProcessOptions = {
  cwd: '/',
  env: { PATH: process.env.PATH!, WORD: 'of the command' },
  timeLimitMs: 20_000,
  encoding: 'utf8',
};

const spawner = startSpawner(PROGRAM);
afterAll(() => spawner.close());

const sh = (script: string, more: Partial<ProcessOptions> = {}) =>
  spawner.run('/bin/sh', ['-c', script], { ...options, ...more });

test('is built: run the tests with "npm test"', () => expect(existsSync(PROGRAM)).toBe(true));

test('runs commands side by side, with input, environment, output byte for byte, exit code', async () => {
  const big = Buffer.alloc(3_000_000, 'ab\n');
  const [copied, bytes, failed, missing] = await Promise.all([
    sh('cat', { input: big }),
    sh(`printf '\\377'; echo "$WORD" >&2`, { encoding: 'latin1' }),
    sh('exit 3'),
    spawner.run('/no/such/program', [], options).catch((error: Error) => error.message),
  ]);
  expect(copied.stdout === big.toString()).toBe(true);
  expect(bytes).toMatchObject({ exitCode: 0, stdout: '\u00ff', stderr: 'of the command\n' });
  expect(failed.exitCode).toBe(3);
  expect(missing).toMatch(/ENOENT/);
});

test('ends a command whose time is up, and one that is no longer wanted', async () => {
  const controller = new AbortController();
  const unwanted = sh('sleep 60', { signal: controller.signal });
  setTimeout(() => controller.abort(), 100);
  expect(await unwanted).toMatchObject({ exitCode: null, ended: 'abort' });
  expect(await sh('sleep 60', { timeLimitMs: 100 })).toMatchObject({ exitCode: null, ended: 'timeout' });
});

test('a helper that was killed fails what it ran, which is nobody’s then, and is replaced', async () => {
  const owner = (await sh(`echo $${OWNER_VARIABLE}`)).stdout.trim();
  expect(await isRunning(identityNamed(owner))).toBe(true);
  const lost = sh('kill -KILL $PPID; sleep 1');
  expect(await lost).toMatchObject({ exitCode: null, stderr: expect.stringMatching(/is gone/) });
  expect(await isRunning(identityNamed(owner))).toBe(false);
  expect((await sh('echo again')).stdout).toBe('again\n');
});
