import { deleteRef, moveRef } from '../../../git/refs/refs';
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
