import { chmod, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { advance } from '../../../git/landing/advance';
import { mergeTrees } from '../../../git/content/merge-tree';
import { gitOf } from '../../../git/repository/repository';
import { syncDependencies } from '../../../git/worktree/sync';
import { ensureWorktree } from '../../../git/worktree/worktrees';
import { git, newBranch, newRepository, removeTemporaryFolders, write } from '../../support/git-repository';

afterAll(removeTemporaryFolders);

/** Attributes that say `text`, added when the files were in the repository as they are on Windows. */
async function repositoryWithCrlf() {
  const repo = await newRepository({ 'a.txt': '1\r\n2\r\n3\r\n' });
  await write(repo.path, { '.gitattributes': '*.txt text\n' });
  await git(repo.path, 'add', '.gitattributes');
  await git(repo.path, 'commit', '--quiet', '-m', 'attributes');
  return repo;
}

it('two edits of one file do not conflict because git has changed its line ends in both', async () => {
  const repo = await repositoryWithCrlf();
  const ours = await newBranch(repo, 'ours', { 'a.txt': '1 ours\r\n2\r\n3\r\n' });
  const theirs = await newBranch(repo, 'theirs', { 'a.txt': '1\r\n2\r\n3 theirs\r\n' });
  const merged = await mergeTrees(repo, { ours, theirs });
  expect(merged.kind).toBe('clean');
  expect((await gitOf(repo).run(['show', `${merged.tree}:a.txt`])).stdout).toBe('1 ours\n2\n3 theirs\n');
});

it('edits of one line do', async () => {
  const repo = await repositoryWithCrlf();
  const ours = await newBranch(repo, 'ours', { 'a.txt': '1\r\n2 ours\r\n3\r\n' });
  const theirs = await newBranch(repo, 'theirs', { 'a.txt': '1\r\n2 theirs\r\n3\r\n' });
  const files = [{ path: 'a.txt', kind: 'contents' }];
  expect(await mergeTrees(repo, { ours, theirs })).toMatchObject({ kind: 'conflict', files });
});

it('a task gets what it depends on although git sees changed line ends in its worktree', async () => {
  const repo = await repositoryWithCrlf();
  const one = await newBranch(repo, 'one', { 'a.txt': '1 one\r\n2\r\n3\r\n' });
  const [worktree, branch] = [join(repo.path, '.worktrees', 'epic-1-x'), 'epic-1-x'];
  await ensureWorktree(repo, { path: worktree, branch, start: 'main' });
  await utimes(join(worktree, 'a.txt'), new Date(), new Date());
  const dependencies = [{ task: 1, commit: one }];
  const synced = await syncDependencies(repo, { worktree, branch, dependencies, clean: true });
  expect(synced).toEqual({ kind: 'synced', head: await git(repo.path, 'rev-parse', branch) });
  expect(await readFile(join(worktree, 'a.txt'), 'utf8')).toBe('1 one\n2\n3\n');
});

/** As after a clone: git looks into files that are as old as its index. */
async function landingOn(repo: Awaited<ReturnType<typeof repositoryWithCrlf>>) {
  const from = await git(repo.path, 'rev-parse', 'main');
  const to = await newBranch(repo, 'epic', { 'a.txt': '1 epic\r\n2\r\n3\r\n' });
  await utimes(join(repo.path, 'a.txt'), new Date(), new Date());
  expect(await git(repo.path, 'status', '--porcelain')).toBe('M a.txt');
  return { baseBranch: 'main', from, to };
}

it('a checkout in which git sees changed line ends says what to do, and moves then', async () => {
  const repo = await repositoryWithCrlf();
  const request = await landingOn(repo);
  await write(repo.path, { 'mine.txt': 'staged\n', 'untracked.c': 'mine\n' });
  await git(repo.path, 'add', 'mine.txt');
  expect(await advance(repo, request)).toMatchObject({
    kind: 'blocked',
    reason: expect.stringContaining('run git add --renormalize . there, and commit') as string,
    files: ['a.txt'],
  });
  await git(repo.path, 'add', '--renormalize', 'a.txt');
  await git(repo.path, 'commit', '--quiet', '-m', 'line ends', 'a.txt');
  const from = await git(repo.path, 'rev-parse', 'main');
  const merged = await mergeTrees(repo, { ours: from, theirs: request.to });
  if (merged.kind !== 'clean') throw new Error('a conflict');
  const to = await git(repo.path, 'commit-tree', '-p', from, '-p', request.to, '-m', 'merge', merged.tree);
  expect(await advance(repo, { ...request, from, to })).toEqual({ kind: 'landed', commit: to });
  expect(await readFile(join(repo.path, 'a.txt'), 'utf8')).toBe('1 epic\n2\n3\n');
  expect(await git(repo.path, 'status', '--porcelain')).toBe('A  mine.txt\n?? untracked.c');
});

it.each([
  ['edits', async (repo: { path: string }) => write(repo.path, { 'a.txt': '1 mine\r\n2\r\n3\r\n' })],
  ['makes executable', async (repo: { path: string }) => chmod(join(repo.path, 'a.txt'), 0o755)],
])('what the user %s there stays', async (_what, edit) => {
  const repo = await repositoryWithCrlf();
  const request = await landingOn(repo);
  await edit(repo);
  expect(await advance(repo, request)).toMatchObject({ kind: 'blocked', files: ['a.txt'] });
});
