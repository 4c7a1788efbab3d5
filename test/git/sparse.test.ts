import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { land } from '../../git/landing/landing';
import { commitTask, worktreeTree } from '../../git/worktree/task-commit';
import { makeWhole } from '../../git/worktree/whole';
import { ensureWorktree, removeWorktree } from '../../git/worktree/worktrees';
import { git, newRepository, removeTemporaryFolders, write } from '../support/git-repository';
import { prepareLanding } from '../support/landing';

afterAll(removeTemporaryFolders);

it("a worktree is whole though the user's checkout is sparse, which it stays when the work lands", async () => {
  const repo = await newRepository({ 'a/x': '1\n', 'b/x': '1\n', top: 't\n' });
  await git(repo.path, 'sparse-checkout', 'set', 'a');
  const branch = 'epic-1-x';
  const worktree = join(repo.path, '.worktrees', branch);
  await ensureWorktree(repo, { path: worktree, branch, start: 'main' });
  expect((await readdir(worktree)).sort()).toEqual(['.git', 'a', 'b', 'top']);
  await write(worktree, { 'a/x': '2\n', 'b/x': '2\n', 'b/new': 'new\n' });
  const base = await git(repo.path, 'rev-parse', 'main');
  const tree = await worktreeTree(repo, worktree);
  const date = '2026-01-02T03:04:05Z';
  await commitTask(repo, { worktree, branch, base, tree, message: 'T1', date });
  const request = { baseBranch: 'main', head: branch, strategy: 'regular' as const, message: 'm', date };
  const candidate = await prepareLanding(repo, request);
  if (candidate.kind !== 'candidate') throw new Error(candidate.kind);
  expect(await land(repo, { baseBranch: 'main', candidate })).toMatchObject({ kind: 'landed' });
  expect(await git(repo.path, 'ls-tree', '-r', '--name-only', 'main')).toBe('a/x\nb/new\nb/x\ntop');
  expect((await readdir(repo.path)).sort()).toEqual(['.git', '.worktrees', 'a', 'top']);
  expect(await git(repo.path, 'status', '--porcelain')).toBe('');
  expect(await removeWorktree(repo, { path: worktree, branch, base: ['main'] })).toEqual({ removed: true });
});

it.each([
  ['as git does it', ['sparse-checkout', 'set', 'a']],
  ['with a sparse index', ['sparse-checkout', 'set', '--sparse-index', 'a']],
])('a worktree that was made sparse is whole again, with what was changed in it: %s', async (_, sparse) => {
  const repo = await newRepository({ 'a/x': '1\n', 'b/x': '1\n', 'b/y': '1\n', top: 't\n' });
  const branch = 'epic-1-x';
  const worktree = join(repo.path, '.worktrees', branch);
  await ensureWorktree(repo, { path: worktree, branch, start: 'main' });
  await git(worktree, ...sparse);
  await write(worktree, { 'a/x': '2\n', 'b/y': 'written all the same\n', top: null });
  await makeWhole(repo, worktree);
  expect(await git(worktree, 'status', '--porcelain')).toBe('M a/x\n M b/y\n D top');
  expect(await readFile(join(worktree, 'b/x'), 'utf8')).toBe('1\n');
  expect(await git(worktree, 'ls-files', '-t')).not.toMatch(/^S/m);
  await git(worktree, 'checkout', '--quiet', '.');
  expect((await readdir(worktree)).sort()).toEqual(['.git', 'a', 'b', 'top']);
});

it('the settings of a repository that is sparse by them alone stay as they are, and its worktrees are whole', async () => {
  const repo = await newRepository({ 'a/x': '1\n', 'b/x': '1\n' });
  await git(repo.path, 'config', 'core.sparseCheckout', 'true');
  await write(repo.gitDir, { 'info/sparse-checkout': '/a/\n' });
  const before = await readFile(join(repo.gitDir, 'config'), 'utf8');
  const branch = 'epic-1-x';
  const worktree = join(repo.path, '.worktrees', branch);
  await ensureWorktree(repo, { path: worktree, branch, start: 'main' });
  await git(worktree, 'checkout', '--quiet', '.');
  await git(worktree, 'read-tree', '-mu', 'HEAD');
  expect((await readdir(worktree)).sort()).toEqual(['.git', 'a', 'b']);
  expect(await readFile(join(repo.gitDir, 'config'), 'utf8')).toBe(before);
});
