import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeWhole } from '../../../git/worktree/whole';
import { ensureWorktree } from '../../../git/worktree/worktrees';
import { commit, git, newRepository, removeTemporaryFolders, write } from '../../support/git-repository';

afterAll(removeTemporaryFolders);

const branch = 'epic-1-x';

async function newWorktree() {
  const repo = await newRepository();
  const worktree = join(repo.path, '.worktrees', branch);
  await ensureWorktree(repo, { path: worktree, branch, start: 'main' });
  return { repo, worktree };
}

it.each([
  ['core.worktree', '/'],
  ['core.bare', 'true'],
])(
  "a worktree's own %s leads nobody's git elsewhere any more, and its other settings stay",
  async (key, value) => {
    const { repo, worktree } = await newWorktree();
    await git(repo.path, 'config', 'extensions.worktreeConfig', 'true');
    await git(worktree, 'config', '--worktree', 'user.name', 'Me');
    await git(worktree, 'config', '--worktree', key, value);
    await write(worktree, { 'work.txt': 'w\n' });
    expect(await makeWhole(repo, worktree)).toBeNull();
    expect(await git(worktree, 'rev-parse', '--show-toplevel')).toBe(worktree);
    expect(await git(worktree, 'status', '--porcelain')).toBe('?? work.txt');
    expect(await git(worktree, 'config', '--worktree', 'user.name')).toBe('Me');
  },
);

it('a repository that was made in a worktree is kept beside it, with its commits', async () => {
  const { repo, worktree } = await newWorktree();
  await write(worktree, { '.git': null });
  await git(worktree, 'init', '--quiet');
  const made = await commit(worktree, 'own', { 'work.txt': 'w\n' });
  const kept = (await makeWhole(repo, worktree))!;
  expect(
    (await readdir(join(repo.path, '.worktrees'))).map((name) => join(repo.path, '.worktrees', name)),
  ).toEqual([worktree, kept]);
  expect(await git(kept, 'rev-parse', 'HEAD')).toBe(made);
  expect(await git(worktree, 'branch', '--show-current')).toBe(branch);
  expect(await git(worktree, 'status', '--porcelain')).toBe('?? work.txt');
  expect(await makeWhole(repo, worktree)).toBeNull();
});
