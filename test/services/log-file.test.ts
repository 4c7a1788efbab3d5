import { appendFile, readFile, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { keepLogsBounded, lastLogLine, openLog } from '../../services/supervision/log-file';
import { waitUntil } from '../../services/wait';
import { removeTemporaryFolders, temporaryFolder } from '../support/git-repository';

const LARGE = 11 * 1024 * 1024;
const sizeOf = (file: string) => stat(file).then(({ size }) => size);

afterAll(removeTemporaryFolders);

test('a log stays small while its program runs, which goes on writing into it; what was in it is kept once', async () => {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'worker.log');
  const log = await openLog(file);
  const stop = keepLogsBounded(folder, 20);
  try {
    for (const night of ['first', 'second']) {
      await log.write(`${night}\n`);
      await truncate(file, LARGE);
      expect(await waitUntil(async () => (await sizeOf(file)) < 100, 30_000)).toBe(true);
      expect(await sizeOf(`${file}.1`)).toBe(LARGE);
      await log.write(`after the ${night}\n`);
    }
  } finally {
    stop();
    await log.close();
  }
  expect(await readFile(file, 'utf8')).toBe('after the second\n');
  expect((await readFile(`${file}.1`, 'utf8')).slice(0, 30)).toBe('after the first\nsecond\n\0\0\0\0\0\0\0');
});

test('a small log is left as it is, at a start too', async () => {
  const file = path.join(await temporaryFolder(), 'postgres.log');
  await appendFile(file, 'before\n');
  const log = await openLog(file);
  await log.write('after\n');
  await log.close();
  expect(await readFile(file, 'utf8')).toBe('before\nafter\n');
});

test.each([
  ['starting PostgreSQL\n\n', 'starting PostgreSQL'],
  [
    "starting\n[Error: ENOSPC: no space left on device, mkdir '/x'] {\n  errno: -28,\n  path: '/x'\n}\n",
    "Error: ENOSPC: no space left on device, mkdir '/x'",
  ],
  [
    'Error: EROFS: read-only file system\n    at async open (node:fs:1:2) {\n  errno: -30\n}\n\nNode.js v20.20.2\n',
    'Error: EROFS: read-only file system',
  ],
  ['', 'nothing'],
])('what %j ends with is what it says last, not what is printed around it', async (text, said) => {
  const file = path.join(await temporaryFolder(), 'supervisor.log');
  await appendFile(file, text);
  expect(await lastLogLine(file)).toBe(said);
});
