import { rename } from 'node:fs/promises';
import { resolveName } from '../../../git/refs/resolver';
import { gitProcessesOf } from '../../support/git-processes';
import * as support from '../../support/git-repository';

const { commit, git, newRepository } = support;
afterAll(support.removeTemporaryFolders);

test('sees each move of a ref, loose or packed, and objects made since, with one process', async () => {
  const repo = await newRepository();
  const first = await git(repo.path, 'rev-parse', 'main');
  expect(await resolveName(repo, 'refs/heads/main^{commit}')).toBe(first);
  const second = await commit(repo.path, 'second', { b: 'b' });
  expect(await resolveName(repo, 'main^{commit}')).toBe(second);
  await git(repo.path, 'pack-refs', '--all');
  expect(await resolveName(repo, 'main')).toBe(second);
  await git(repo.path, 'update-ref', 'refs/heads/main', first);
  await git(repo.path, 'pack-refs', '--all');
  await git(repo.path, 'repack', '-a', '-d', '--quiet');
  expect(await resolveName(repo, 'main')).toBe(first);
  const third = await commit(repo.path, 'third', { c: 'c' });
  await git(repo.path, 'repack', '-a', '-d', '--quiet');
  const answers = await Promise.all(
    ['main', 'no/such', `${third}^{tree}`, `${third}:c^{commit}`, 'a b', '--all', 'main~1'].map((name) =>
      resolveName(repo, name),
    ),
  );
  const tree = await git(repo.path, 'rev-parse', 'main^{tree}');
  expect(answers).toEqual([third, null, tree, null, null, null, first]);
  expect(await gitProcessesOf(repo.gitDir, 'cat-file')).toHaveLength(1);
});

test('a process that was killed is replaced, and a repository that is gone is an error', async () => {
  const repo = await newRepository();
  const main = await resolveName(repo, 'main');
  for (const pid of await gitProcessesOf(repo.gitDir, 'cat-file')) process.kill(pid, 'SIGKILL');
  const answer = await resolveName(repo, 'main').catch(() => resolveName(repo, 'main'));
  expect(answer).toBe(main);
  for (const pid of await gitProcessesOf(repo.gitDir, 'cat-file')) process.kill(pid, 'SIGKILL');
  await rename(repo.path, `${repo.path}-gone`);
  const outcome = await resolveName(repo, 'main').catch(() => resolveName(repo, 'main').catch(String));
  expect(outcome).toMatch(/^GitError: git cat-file .* not a git repository/);
  await expect(resolveName({ ...repo, signal: AbortSignal.abort() }, 'main')).rejects.toThrow(
    /was cancelled/,
  );
});
