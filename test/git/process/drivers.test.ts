import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launchWith } from '../../../git/process/launch';
import { runProcess } from '../../../git/process/process';
import { gitIn } from '../../../git/repository/checkout';
import { ensureWorktree } from '../../../git/worktree/worktrees';
import { git, newRepository, removeTemporaryFolders } from '../../support/git-repository';

afterEach(() => launchWith(null));
afterAll(removeTemporaryFolders);

test('settings are asked for once for all worktrees that have none of their own', async () => {
  const repo = await newRepository();
  let asked = 0;
  launchWith((command, args, options) => {
    if (args.includes('--list') && args.includes('config')) asked++;
    return runProcess(command, args, options);
  });
  const paths = ['one', 'two'].map((name) => join(repo.path, '.worktrees', name));
  for (const [at, path] of paths.entries())
    await ensureWorktree(repo, { path, branch: `b${at}`, start: 'main' });
  const [one, two] = await Promise.all(paths.map((path) => gitIn(repo, path)));
  // LFS may be set up for all repositories of this machine.
  const filters = () =>
    Promise.all([one!, two!].map(async (git) => (await git.filters()).filter((name) => name !== 'lfs')));
  expect(await filters()).toEqual([[], []]);
  expect(asked).toBe(1);

  await git(repo.path, 'config', 'extensions.worktreeConfig', 'true');
  await writeFile(join(one!.gitDir, 'config.worktree'), '[filter "own"]\n\trequired = true\n');
  expect(await filters()).toEqual([['own'], []]);
});
