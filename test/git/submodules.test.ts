import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Repository } from '../../git/repository';
import { resetWorktree } from '../../git/reset';
import { isClean } from '../../git/status';
import { checkOutSubmodules } from '../../git/submodule-checkout';
import { keepSubmoduleCommits } from '../../git/submodule-keep';
import { commitTask, worktreeTree } from '../../git/task-commit';
import { ensureWorktree, removeWorktree } from '../../git/worktrees';
import * as support from '../support/git-repository';

const { commit, git, newRepository, write } = support;
afterAll(support.removeTemporaryFolders);

const date = '2026-01-02T03:04:05Z';
const branch = 'epic-1-x';
const pathIn = (repo: Repository) => join(repo.path, '.worktrees', branch);
const inLib = (repo: Repository) => join(pathIn(repo), 'libs/lib');
const remove = (repo: Repository, base = ['main']) =>
  removeWorktree(repo, { path: pathIn(repo), branch, base });

/** A repository whose submodule `libs/lib` has a submodule itself, all checked out; and a worktree of it. */
async function withWorktree(): Promise<Repository> {
  const repo = await support.repositoryWithSubmodules();
  await ensureWorktree(repo, { path: pathIn(repo), branch, start: 'main' });
  expect(await checkOutSubmodules(repo, pathIn(repo))).toEqual([]);
  return repo;
}

it('a new worktree has the submodules that the user has, nested ones too, and goes again', async () => {
  const repo = await withWorktree();
  expect(await readFile(join(inLib(repo), 'lib.txt'), 'utf8')).toBe('lib\n');
  expect(await readFile(join(inLib(repo), 'inner/inner.txt'), 'utf8')).toBe('inner\n');
  expect(await git(pathIn(repo), 'status', '--porcelain')).toBe('');
  expect(await git(pathIn(repo), 'submodule', 'status', '--recursive')).toMatch(/^ ?[0-9a-f]{40} libs\/lib/);
  expect(await isClean(repo, pathIn(repo))).toBe(true);
  expect(await checkOutSubmodules(repo, pathIn(repo))).toEqual([]);
  expect(await remove(repo)).toEqual({ removed: true });
  expect(await git(repo.path, 'status', '--porcelain')).toBe('');
});

it("a commit that an agent makes in a submodule outlives the worktree, in the user's own copy", async () => {
  const repo = await withWorktree();
  const made = await commit(inLib(repo), 'agent changes the library', { 'lib.txt': 'changed\n' });
  const base = await git(repo.path, 'rev-parse', 'main');
  const tree = await worktreeTree(repo, pathIn(repo));
  await commitTask(repo, { worktree: pathIn(repo), branch, base, tree, message: 'T1', date });
  const keep = { worktree: pathIn(repo), prefix: 'refs/yokeflow/tasks/1' };
  expect(await keepSubmoduleCommits(repo, keep)).toEqual([]);
  expect(await keepSubmoduleCommits(repo, keep)).toEqual([]);
  await git(repo.path, 'merge', '--quiet', '--ff-only', branch);
  expect(await remove(repo)).toEqual({ removed: true });
  await git(repo.path, 'submodule', 'update', '--quiet');
  expect(await git(join(repo.path, 'libs/lib'), 'rev-parse', 'HEAD')).toBe(made);
  expect(await readFile(join(repo.path, 'libs/lib/lib.txt'), 'utf8')).toBe('changed\n');
});

it('a worktree with changes in a submodule is not removed; a reset puts them back', async () => {
  const repo = await withWorktree();
  await write(inLib(repo), { 'lib.txt': 'not committed\n' });
  expect(await remove(repo)).toMatchObject({
    removed: false,
    reason: expect.stringContaining('uncommitted'),
  });
  await commit(inLib(repo), 'a try that fails');
  await resetWorktree(repo, { worktree: pathIn(repo), branch, to: 'main' });
  expect(await readFile(join(inLib(repo), 'lib.txt'), 'utf8')).toBe('lib\n');
  expect(await isClean(repo, pathIn(repo))).toBe(true);
});

it('says which submodules are empty, and why', async () => {
  const repo = await withWorktree();
  const linked = await git(repo.path, 'rev-parse', 'main:libs/lib');
  await remove(repo);
  await git(repo.path, 'update-index', '--cacheinfo', `160000,${'1'.repeat(40)},libs/lib`);
  await git(repo.path, 'commit', '--quiet', '-m', 'link to a commit that is nowhere');
  await ensureWorktree(repo, { path: pathIn(repo), branch, start: 'main' });
  expect(await checkOutSubmodules(repo, pathIn(repo))).toEqual([
    expect.stringMatching(
      /^submodule libs\/lib is not at its commit 1{40}, which your own checkout does not/,
    ),
  ]);
  await git(pathIn(repo), 'update-index', '--cacheinfo', `160000,${linked},libs/lib`);
  await rm(join(repo.gitDir, 'modules'), { recursive: true });
  expect(await checkOutSubmodules(repo, pathIn(repo))).toEqual([
    expect.stringContaining('submodule libs/lib is empty: it is not checked out in your own checkout either'),
  ]);
  expect((await stat(inLib(repo))).isDirectory()).toBe(true);
});

it('a submodule whose name would lead elsewhere is left alone', async () => {
  const repo = await newRepository();
  await git(repo.path, 'update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},lib`);
  await write(repo.path, { '.gitmodules': '[submodule "../../x"]\n\tpath = lib\n\turl = /x\n' });
  await git(repo.path, 'add', '.gitmodules');
  await git(repo.path, 'commit', '--quiet', '-m', 'hostile');
  await ensureWorktree(repo, { path: pathIn(repo), branch, start: 'main' });
  expect(await checkOutSubmodules(repo, pathIn(repo))).toEqual([]);
});
