import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeWorktreeLocks } from '../../../git/locks/worktree-locks';
import { git, newRepository, removeTemporaryFolders } from '../../support/git-repository';

afterAll(removeTemporaryFolders);

test('locks that were left behind go, and not those that others take just then', async () => {
  const repo = await newRepository();
  await git(repo.path, 'branch', 'epic');
  const branchLock = join(repo.gitDir, 'refs/heads/epic.lock');
  const locks = async () =>
    (await readdir(repo.gitDir, { recursive: true })).filter((name) => name.endsWith('.lock'));
  await writeFile(join(repo.gitDir, 'index.lock'), '');
  await writeFile(branchLock, '');
  const done = removeWorktreeLocks(repo.gitDir, repo.gitDir, 'epic');
  await new Promise((resolve) => setTimeout(resolve, 300));
  // As `git gc` does with each branch that it packs.
  await rm(branchLock);
  await writeFile(branchLock, 'of another git');
  await done;
  expect(await locks()).toEqual(['refs/heads/epic.lock']);
  await removeWorktreeLocks(repo.gitDir, repo.gitDir, 'epic');
  expect(await locks()).toEqual([]);
});
