import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deleteRef, moveRef } from '../../../git/refs/refs';
import type { Repository } from '../../../git/repository/repository';
import { gitProcessesOf } from '../../support/git-processes';
import * as support from '../../support/git-repository';

const { commit, git, newRepository } = support;
afterAll(support.removeTemporaryFolders);

test('moves a ref and its pin together, and only from where it was said to be', async () => {
  const repo = await newRepository();
  const first = await git(repo.path, 'rev-parse', 'main');
  const second = await commit(repo.path, 'second', { b: 'b' });
  const at = (ref: string) => git(repo.path, 'for-each-ref', '--format=%(objectname)', ref);
  expect(await moveRef(repo, 'refs/heads/x', first, null, 'refs/yokeflow/x')).toBe(true);
  expect(await moveRef(repo, 'refs/heads/x', second, null, 'refs/yokeflow/x')).toBe(false);
  expect(await at('refs/yokeflow/x')).toBe(first);
  // The refusal has ended the process that moves them: the next one does it.
  expect(await moveRef(repo, 'refs/heads/x', second, first, 'refs/yokeflow/x')).toBe(true);
  expect([await at('refs/heads/x'), await at('refs/yokeflow/x')]).toEqual([second, second]);
  await deleteRef(repo, 'refs/heads/x', second);
  expect(await moveRef(repo, 'refs/heads/x/y', second, null)).toBe(true);
  expect(await git(repo.path, 'reflog', 'show', '--format=%gs', 'refs/heads/x/y')).toBe('yokeflow');
});

test('moves it where the process that moves them was killed, and another did it just then', async () => {
  const repo = await newRepository();
  const first = await git(repo.path, 'rev-parse', 'main');
  const second = await commit(repo.path, 'second', { b: 'b' });
  await moveRef(repo, 'refs/heads/x', first, null, 'refs/yokeflow/x');
  const killAll = async () => {
    for (const pid of await gitProcessesOf(repo.gitDir, 'update-ref')) process.kill(pid, 'SIGKILL');
  };
  await killAll();
  expect(await moveRef(repo, 'refs/heads/x', second, first, 'refs/yokeflow/x')).toBe(true);
  await moveRef(repo, 'refs/heads/y', first, null);
  await killAll();
  // As if it had been killed between the move and its answer.
  expect(await moveRef(repo, 'refs/heads/x', second, first, 'refs/yokeflow/x')).toBe(true);
  expect(await git(repo.path, 'rev-parse', 'x', 'refs/yokeflow/x')).toBe(`${second}\n${second}`);
});

describe('a lock on refs that nobody holds any more', () => {
  /** As a git leaves it that was killed in the middle of its work. */
  async function locked(repo: Repository, lock: string, secondsAgo: number): Promise<void> {
    const path = join(repo.gitDir, lock);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
    const then = Date.now() / 1000 - secondsAgo;
    await utimes(path, then, then);
  }

  it.each(['packed-refs.lock', 'refs/yokeflow/tasks/1.lock', 'refs/heads/x.lock'])(
    '%s: keeps nothing from moving and going once it is old',
    async (lock) => {
      const repo = await newRepository();
      const first = await git(repo.path, 'rev-parse', 'main');
      await locked(repo, lock, 120);
      expect(await moveRef(repo, 'refs/heads/x', first, null, 'refs/yokeflow/tasks/1')).toBe(true);
      await locked(repo, lock, 120);
      await deleteRef(repo, 'refs/heads/x', first);
      await deleteRef(repo, 'refs/yokeflow/tasks/1', first);
      expect(await git(repo.path, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
    },
  );

  it('may still be held while it is young, or while a git is at work there', async () => {
    const repo = await newRepository();
    const first = await git(repo.path, 'rev-parse', 'main');
    await moveRef(repo, 'refs/heads/x', first, null);
    await locked(repo, 'packed-refs.lock', 30);
    await expect(deleteRef(repo, 'refs/heads/x', first)).rejects.toThrow(/packed-refs\.lock': File exists/);
    await locked(repo, 'packed-refs.lock', 120);
    const atWork = spawn('git', ['cat-file', '--batch'], { cwd: repo.path });
    await expect(deleteRef(repo, 'refs/heads/x', first)).rejects.toThrow(/packed-refs\.lock': File exists/);
    atWork.kill();
    await once(atWork, 'close');
    await deleteRef(repo, 'refs/heads/x', first);
  });
});
