import { readdir, rename, writeFile } from 'node:fs/promises';
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
  let isDone = false;
  const done = removeWorktreeLocks(repo.gitDir, repo.gitDir, 'epic').finally(() => (isDone = true));
  // As `git gc` does with each branch that it packs; again and again, whenever it is looked at.
  for (let time = 0; !isDone; time++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    await writeFile(`${repo.path}-lock`, `of another git ${time}`);
    await rename(`${repo.path}-lock`, branchLock);
  }
  await done;
  expect(await locks()).toEqual(['refs/heads/epic.lock']);
  await removeWorktreeLocks(repo.gitDir, repo.gitDir, 'epic');
  expect(await locks()).toEqual([]);
});
