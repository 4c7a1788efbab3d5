import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launchWith } from '../../../git/process/launch';
import { runProcess } from '../../../git/process/process';
import { gitIn } from '../../../git/repository/checkout';
import { gitOf } from '../../../git/repository/repository';
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

test('hooks that settings name are switched off, whatever they are called', async () => {
  const repo = await newRepository();
  for (const name of ['evil', 'With.Dots', 'with=equals']) {
    await git(repo.path, 'config', `hook.${name}.event`, 'post-checkout');
    await git(repo.path, 'config', `hook.${name}.command`, 'false');
    await git(repo.path, 'config', `hook.${name}.enabled`, 'true');
  }
  const { stdout } = await gitOf(repo).run(['config', '--get-regexp', '^hook\\..*\\.enabled$']);
  const last = new Map(stdout.split('\n').map((line) => [line.split(' ')[0], line.split(' ')[1]]));
  for (const name of ['evil', 'With.Dots', 'with=equals'])
    expect(last.get(`hook.${name}.enabled`)).toBe('false');
});
