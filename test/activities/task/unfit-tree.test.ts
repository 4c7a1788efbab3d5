import { join } from 'node:path';
import type { Place } from '../../../activities/scope/place';
import { unfitTree } from '../../../activities/task/unfit-tree';
import { includeFiles } from '../../../git/worktree/worktree-include';
import { worktreeTree } from '../../../git/worktree/task-commit';
import { ensureWorktree } from '../../../git/worktree/worktrees';
import { commit, git, newRepository, removeTemporaryFolders, write } from '../../support/git-repository';

afterAll(removeTemporaryFolders);

test('what a parent has already is nobody’s doing: a file that came from the checkout, one without its filter', async () => {
  const repository = await newRepository({
    '.gitignore': '.env\n',
    '.worktreeinclude': '.env\n',
    '.gitattributes': '*.secret filter=crypt\n',
  });
  await git(repository.path, 'config', 'filter.crypt.required', 'true');
  await git(repository.path, 'config', 'filter.crypt.clean', 'cat');
  await write(repository.path, { '.env': 'SECRET=1\n' });
  const path = join(repository.path, '.worktrees', 'epic');
  const { head } = await ensureWorktree(repository, { path, branch: 'epic', start: 'main' });
  await includeFiles(repository, path);
  const worktree = { path } as Place['worktree'];
  await git(path, 'add', '--force', '.env');
  const leaky = await worktreeTree(repository, path);
  const unfit = (tree: string, ...parents: string[]) =>
    unfitTree({ repository, worktree }, { parents, tree });
  expect(await unfit(leaky, head)).toMatch(
    /^\.env would become part of the commit, but came from your checkout/,
  );
  const other = await commit(path, 'other', { 'a.secret': 'raw\n' });
  const tree = await git(path, 'rev-parse', `${other}^{tree}`);
  expect(await unfit(tree, head, other)).toBeNull();
  await git(path, 'rm', '--quiet', '--cached', '.env');
  const raw = await worktreeTree(repository, path);
  expect(await unfit(raw, head)).toMatch(
    /^a\.secret would become part of the commit as it is, without the filter crypt/,
  );
  expect(await unfit(raw, head, other)).toBeNull();
  await write(path, { 'a.secret': 'changed\n' });
  expect(await unfit(await worktreeTree(repository, path), head, other)).toMatch(/^a\.secret would/);
});
