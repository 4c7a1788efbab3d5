import { readdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isHalfWritten } from '../../../git/content/half-written';
import { gitOf } from '../../../git/repository/repository';
import { git, newRepository, removeTemporaryFolders } from '../../support/git-repository';

afterAll(removeTemporaryFolders);

test('the beginning of a blob is told from all of it and from anything else, however long it is', async () => {
  const whole = Buffer.alloc(300_000, 'all sorts of words\n');
  const repo = await newRepository({ 'a.txt': whole.toString() });
  const blob = await git(repo.path, 'rev-parse', 'main:a.txt');
  const path = Buffer.from(join(repo.path, 'b.txt'));
  const isHalf = async (content: Buffer) => {
    await writeFile(path, content);
    return isHalfWritten(gitOf(repo), path, blob);
  };
  const changed = Buffer.from(whole);
  changed[250_000]! ^= 1;
  for (const length of [0, 1, 65_536, 131_072, 299_999])
    expect([length, await isHalf(whole.subarray(0, length))]).toEqual([length, true]);
  for (const content of [whole, Buffer.concat([whole, whole]), changed, changed.subarray(0, 260_000)])
    expect(await isHalf(content)).toBe(false);
  expect(await isHalf(changed.subarray(0, 200_000))).toBe(true);
  expect(await isHalfWritten(gitOf(repo), Buffer.from(join(repo.path, 'none')), blob)).toBe(false);
});

test('where git cannot be started, the file does not stay open', async () => {
  const repo = await newRepository();
  const path = join(repo.path, 'a.txt');
  const git = { ...gitOf(repo), start: () => Promise.reject(new Error('no process')) };
  await expect(isHalfWritten(git, Buffer.from(path), 'blob')).rejects.toThrow('no process');
  const open = await readdir('/proc/self/fd').catch(() => []);
  const files = await Promise.all(open.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  expect(files).not.toContain(path);
});
