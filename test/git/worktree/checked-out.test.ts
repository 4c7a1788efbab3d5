import { readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { checkoutsOf } from '../../../git/worktree/checked-out';
import { listWorktrees } from '../../../git/worktree/worktree-list';
import type { Repository } from '../../../git/repository/repository';
import * as support from '../../support/git-repository';

const { git, newRepository } = support;
afterAll(support.removeTemporaryFolders);

/** What git itself says. */
const listed = async (repo: Repository, branch: string) =>
  (await listWorktrees(repo))
    .filter((tree) => tree.branch === branch && !tree.prunable)
    .map(({ path }) => path);

async function withWorktrees(repo: Repository, ...branches: string[]): Promise<string[]> {
  const paths = branches.map((branch) => join(repo.path, '.worktrees', branch));
  for (const [index, branch] of branches.entries())
    await git(repo.path, 'worktree', 'add', '--quiet', '-b', branch, paths[index]!, 'main');
  return paths;
}

it('finds the checkouts that git finds, in whatever state they are', async () => {
  const repo = await newRepository();
  const [on, , unborn, away, locked, broken] = await withWorktrees(
    repo,
    ...['on', 'detached', 'old', 'away', 'locked', 'broken'],
  );
  await git(join(repo.path, '.worktrees', 'detached'), 'checkout', '--quiet', '--detach');
  await git(unborn!, 'checkout', '--quiet', '--orphan', 'unborn');
  await git(repo.path, 'worktree', 'lock', locked!);
  for (const path of [away!, locked!]) await rename(path, `${path}-elsewhere`);
  await rm(join(repo.gitDir, 'worktrees', 'broken', 'HEAD'));

  for (const branch of ['main', 'on', 'detached', 'old', 'unborn', 'away', 'locked', 'never'])
    expect({ branch, at: await checkoutsOf(repo, branch) }).toEqual({
      branch,
      at: await listed(repo, branch),
    });
  expect(await checkoutsOf(repo, 'main')).toEqual([repo.path]);
  expect(await checkoutsOf(repo, 'on')).toEqual([on]);
  expect(await checkoutsOf(repo, 'unborn')).toEqual([unborn]);
  expect(await checkoutsOf(repo, 'away')).toEqual([]);
  expect(await checkoutsOf(repo, 'locked')).toEqual([locked]);
  expect(await checkoutsOf(repo, 'broken')).not.toContain(broken);
});

it('finds a branch that is checked out twice, and one behind a link in the place of HEAD', async () => {
  const repo = await newRepository();
  const [path] = await withWorktrees(repo, 'other');
  await git(path!, 'checkout', '--quiet', '--ignore-other-worktrees', 'main');
  expect(await checkoutsOf(repo, 'main')).toEqual([repo.path, path]);
  const head = join(repo.gitDir, 'HEAD');
  await rm(head);
  await symlink('refs/heads/main', head);
  expect(await readlink(head)).toBe('refs/heads/main');
  expect(await checkoutsOf(repo, 'main')).toEqual([repo.path, path]);
});

it('takes a bare repository for no checkout', async () => {
  expect(await checkoutsOf(await support.bareCloneOf(await newRepository()), 'main')).toEqual([]);
});
