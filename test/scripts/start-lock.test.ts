import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A clone that has only what the lock needs. */
let clone: string;
let lock: string;
beforeEach(async () => {
  clone = await mkdtemp(join(tmpdir(), 'yokeflow-start-lock-'));
  lock = join(clone, '.cache', 'bootstrap.lock');
  await mkdir(join(clone, '.cache'));
  for (const file of ['start-lock.mjs', 'sources.mjs'])
    await cp(join(__dirname, '../../scripts', file), join(clone, 'scripts', file));
});
afterEach(() => rm(clone, { recursive: true, force: true }));

/** What a start says that waits for the lock, and does its work. One that waits is ended after a while. */
async function start(): Promise<string> {
  const program = `import('${join(clone, 'scripts/start-lock.mjs')}').then(({ alone }) =>
    alone(async () => console.log('worked'), (pid) => console.log('waits for', pid)))`;
  const child = spawn(process.execPath, ['-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 30_000,
  });
  let said = '';
  let waited: NodeJS.Timeout | undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.includes('waits for')) waited ??= setTimeout(() => child.kill(), 500);
  });
  await once(child, 'close');
  clearTimeout(waited);
  return said.trim();
}

test('of the lock of a process that is gone nothing is left', async () => {
  await writeFile(lock, '2147483646 a');
  expect(await start()).toBe('worked');
  await expect(readFile(lock)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('the lock of one that lives is waited for', async () => {
  await writeFile(lock, `${process.pid} a`);
  expect(await start()).toBe(`waits for ${process.pid}`);
  expect(await readFile(lock, 'utf8')).toBe(`${process.pid} a`);
});

test('an empty one, which a full disk or a power cut leaves, is not waited for', async () => {
  await writeFile(lock, '');
  const before = new Date(Date.now() - 60_000);
  await utimes(lock, before, before);
  expect(await start()).toBe('worked');
});

test('a number that another process has since the machine was started anew is not waited for', async () => {
  await writeFile(lock, `${process.pid} a 00000000-0000-0000-0000-000000000000`);
  expect(await start()).toBe('worked');
});
