import { chmod, lstat, mkdir, readFile, readlink, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Repository } from '../../../git/repository/repository';
import { includedInTree, includeFiles } from '../../../git/worktree/worktree-include';
import { ensureWorktree } from '../../../git/worktree/worktrees';
import * as support from '../../support/git-repository';

const { commit, git, newRepository, write } = support;
afterAll(support.removeTemporaryFolders);

const branch = 'epic-1-x';
const pathIn = (repo: Repository) => join(repo.path, '.worktrees', branch);
const read = (repo: Repository, path: string) => readFile(join(pathIn(repo), path), 'utf8');

async function include(repo: Repository): Promise<string[]> {
  await ensureWorktree(repo, { path: pathIn(repo), branch, start: 'main' });
  return (await includeFiles(repo, pathIn(repo))).sort();
}

it('copies what is named and ignored, with its mode, as it is in the checkout', async () => {
  const repo = await newRepository({
    '.gitignore': '.env*\nconfig/local/\n*.pem\n',
    '.worktreeinclude': '.env*\n!.env.old\nconfig/local/\nnotes.txt\ntracked.txt\n',
    'tracked.txt': 'tracked\n',
  });
  await write(repo.path, {
    '.env': 'SECRET=1\n',
    '.env.old': 'x',
    'app/.env.test': 'nested\n',
    'config/local/a file\nwith lines.json': '{}',
    'notes.txt': 'untracked, not ignored',
    'key.pem': 'ignored, not named',
    'tracked.txt': 'edited by the user\n',
  });
  await chmod(join(repo.path, '.env'), 0o600);
  await symlink('../.env', join(repo.path, 'config/.env.link'));
  expect(await include(repo)).toEqual([
    '.env',
    'app/.env.test',
    'config/.env.link',
    'config/local/a file\nwith lines.json',
  ]);
  expect(await read(repo, '.env')).toBe('SECRET=1\n');
  expect((await stat(join(pathIn(repo), '.env'))).mode & 0o777).toBe(0o600);
  expect(await readlink(join(pathIn(repo), 'config/.env.link'))).toBe('../.env');
  expect(await read(repo, 'tracked.txt')).toBe('tracked\n');
  expect(await git(pathIn(repo), 'status', '--porcelain')).toBe('');
});

it('overwrites nothing, and finds nothing more to do the second time', async () => {
  const repo = await newRepository({ '.gitignore': '.env\n', '.worktreeinclude': '.env\n' });
  await write(repo.path, { '.env': 'mine\n' });
  expect(await include(repo)).toEqual(['.env']);
  await write(pathIn(repo), { '.env': 'changed in the worktree\n' });
  expect(await include(repo)).toEqual([]);
  expect(await read(repo, '.env')).toBe('changed in the worktree\n');
});

it('never writes through a link that the branch has in the place of a folder', async () => {
  const repo = await newRepository({ '.gitignore': '.env\n', '.worktreeinclude': '.env\n' });
  const outside = await support.temporaryFolder();
  await symlink(outside, join(repo.path, 'config'));
  await commit(repo.path, 'a link');
  await ensureWorktree(repo, { path: pathIn(repo), branch, start: 'main' });
  await git(repo.path, 'rm', '--quiet', 'config');
  await mkdir(join(repo.path, 'config'));
  await write(repo.path, { 'config/.env': 'secret' });
  expect(await includeFiles(repo, pathIn(repo))).toEqual([]);
  await expect(lstat(join(outside, '.env'))).rejects.toThrow('ENOENT');
});

it('knows when a tree would make what was brought in part of history', async () => {
  const repo = await newRepository({ '.gitignore': '.env\n', '.worktreeinclude': '.env\n' });
  await write(repo.path, { '.env': 'secret\n' });
  await include(repo);
  const leaked = await commit(pathIn(repo), 'ignore nothing', { '.gitignore': '' });
  expect(await includedInTree(repo, { worktree: pathIn(repo), tree: leaked })).toEqual(['.env']);
  expect(await includedInTree(repo, { worktree: pathIn(repo), tree: 'main' })).toEqual([]);
});

it('brings in nothing without the file, or in a bare repository', async () => {
  const repo = await newRepository({ '.gitignore': '.env\n' });
  await write(repo.path, { '.env': 'x' });
  expect(await include(repo)).toEqual([]);
});
