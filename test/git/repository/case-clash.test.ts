import { join } from 'node:path';
import { firstClash } from '../../../git/repository/case-clash';
import { ensureWorktree } from '../../../git/worktree/worktrees';
import { commit, git, newRepository, removeTemporaryFolders } from '../../support/git-repository';

afterAll(removeTemporaryFolders);

it.each([
  [['a.txt', 'b.txt', 'A/x'], null],
  [
    ['src/Foo.ts', 'README.md', 'src/foo.ts'],
    ['src/Foo.ts', 'src/foo.ts'],
  ],
  [
    ['caf\u00e9', 'cafe\u0301'],
    ['caf\u00e9', 'cafe\u0301'],
  ],
])('of %j, %j clash', (names, clash) => {
  expect(firstClash(names)).toEqual(clash);
});

it('names what clashes where file names have no case, and minds nothing elsewhere', async () => {
  const repo = await newRepository();
  await commit(repo.path, 'two of a name', { 'Docs/a.md': 'a', 'docs/b.md': 'b' });
  const branch = 'epic-1-x';
  const ensure = () =>
    ensureWorktree(repo, { path: join(repo.path, '.worktrees', branch), branch, start: 'main' });
  await git(repo.path, 'config', 'core.ignoreCase', 'true');
  await expect(ensure()).rejects.toThrow(/^Docs and docs differ only by case, .* rename one of them$/);
  await git(repo.path, 'branch', 'Epic-1-X', 'main~1');
  await expect(ensure()).rejects.toThrow(/^branch Epic-1-X differs from epic-1-x only by case/);
  await git(repo.path, 'config', 'core.ignoreCase', 'false');
  expect(await ensure()).toMatchObject({ created: true });
});
