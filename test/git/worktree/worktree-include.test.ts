import { chmod, lstat, mkdir, readFile, readlink, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Repository } from '../../../git/repository/repository';
import { includeAgain, includedInTree, includeFiles } from '../../../git/worktree/worktree-include';
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

it('brings in again what was deleted, as long as the checkout has it, and nothing else', async () => {
  const repo = await newRepository({ '.gitignore': '*.env\n', '.worktreeinclude': '*.env\n' });
  await write(repo.path, { 'a.env': 'a\n', 'b.env': 'b\n', 'c.env': 'c\n' });
  expect(await include(repo)).toEqual(['a.env', 'b.env', 'c.env']);
  expect(await includeAgain(repo, pathIn(repo))).toEqual([]);
  await write(pathIn(repo), { 'a.env': null, 'b.env': null, 'c.env': 'changed\n' });
  await write(repo.path, { 'b.env': null, 'new.env': 'new\n' });
  expect(await includeAgain(repo, pathIn(repo))).toEqual(['a.env']);
  expect(await read(repo, 'a.env')).toBe('a\n');
  expect(await read(repo, 'c.env')).toBe('changed\n');
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

it('knows it, too, of what was brought in by a worker that got no further', async () => {
  const repo = await newRepository({ '.gitignore': '*.env\n', '.worktreeinclude': '*.env\n' });
  await symlink('a.txt', join(repo.path, 'a.env'));
  await write(repo.path, { 'b.env': 'secret\n' });
  await ensureWorktree(repo, { path: pathIn(repo), branch, start: 'main' });
  // In its way, where a file is written first.
  await mkdir(join(repo.path, '.worktrees', `.trash-${branch}-include`));
  await expect(includeFiles(repo, pathIn(repo))).rejects.toThrow('EISDIR');
  const leaked = await commit(pathIn(repo), 'ignore nothing', { '.gitignore': '' });
  expect(await includedInTree(repo, { worktree: pathIn(repo), tree: leaked })).toEqual(['a.env']);
});

it('brings in nothing without the file, or in a bare repository', async () => {
  const repo = await newRepository({ '.gitignore': '.env\n' });
  await write(repo.path, { '.env': 'x' });
  expect(await include(repo)).toEqual([]);
});
