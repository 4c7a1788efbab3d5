import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { commandsToMoveShared } from '../../../git/repository/shared-work-tree';
import {
  bareCloneOf,
  git,
  newRepository,
  removeTemporaryFolders,
  temporaryFolder,
} from '../../support/git-repository';

afterAll(removeTemporaryFolders);

it('finds nothing in a repository as git makes it, and nothing where settings are shared', async () => {
  const repo = await newRepository();
  expect(await commandsToMoveShared(repo)).toBe('');
  await git(repo.path, 'config', 'core.worktree', repo.path);
  expect(await commandsToMoveShared(repo)).toBe('');
});

it('a bare repository: its worktrees are none until the commands have moved core.bare', async () => {
  const repo = await bareCloneOf(await newRepository());
  await git(repo.path, 'config', 'extensions.worktreeConfig', 'true');
  const worktree = join(await temporaryFolder(), 'worktree');
  await git(repo.path, 'worktree', 'add', '--quiet', '-b', 'epic', worktree);
  await expect(git(worktree, 'status')).rejects.toThrow('must be run in a work tree');
  await promisify(execFile)('sh', ['-c', await commandsToMoveShared(repo)]);
  expect(await git(worktree, 'status', '--porcelain')).toBe('');
  expect(await git(repo.path, 'rev-parse', '--is-bare-repository')).toBe('true');
  expect(await commandsToMoveShared(repo)).toBe('');
});
