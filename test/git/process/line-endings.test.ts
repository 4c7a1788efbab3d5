import { readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { advance } from '../../../git/landing/advance';
import { ensureWorktree } from '../../../git/worktree/worktrees';
import { worktreeTree } from '../../../git/worktree/task-commit';
import {
  git,
  newBranch,
  newRepository,
  removeTemporaryFolders,
  temporaryFolder,
  write,
} from '../../support/git-repository';
import { restoreUserHome } from '../../support/user-home';

beforeEach(async () => {
  const home = await temporaryFolder();
  await write(home, { '.gitconfig': '[core]\n\tautocrlf = true\n' });
  Object.assign(process.env, { HOME: home });
  delete process.env.XDG_CONFIG_HOME;
});
afterEach(restoreUserHome);
afterAll(removeTemporaryFolders);

/** A checkout as the user's own git makes it. */
async function checkoutWithCrlf() {
  const repo = await newRepository({ 'a.txt': '1\n2\n3\n', 'b.txt': 'b\n' });
  await write(repo.path, { 'a.txt': '1\r\n2\r\n3\r\n', 'b.txt': 'b\r\n' });
  await git(repo.path, '-c', 'core.autocrlf=true', 'add', '--renormalize', '.');
  expect(await git(repo.path, '-c', 'core.autocrlf=true', 'status', '--porcelain')).toBe('');
  return repo;
}

it('where the user wants CRLF in every checkout, files that were merely touched do not keep work from landing', async () => {
  const repo = await checkoutWithCrlf();
  const from = await git(repo.path, 'rev-parse', 'main');
  const to = await newBranch(repo, 'epic', { 'a.txt': '1\nepic\n3\n' });
  await utimes(join(repo.path, 'a.txt'), new Date(), new Date());
  expect(await advance(repo, { baseBranch: 'main', from, to })).toEqual({ kind: 'landed', commit: to });
  expect(await readFile(join(repo.path, 'a.txt'), 'utf8')).toBe('1\r\nepic\r\n3\r\n');
  expect(await git(repo.path, '-c', 'core.autocrlf=true', 'status', '--porcelain')).toBe('');
});

it('what the user has changed there still does', async () => {
  const repo = await checkoutWithCrlf();
  const from = await git(repo.path, 'rev-parse', 'main');
  const to = await newBranch(repo, 'epic', { 'a.txt': '1\nepic\n3\n' });
  await write(repo.path, { 'a.txt': '1\r\nmine\r\n3\r\n' });
  expect(await advance(repo, { baseBranch: 'main', from, to })).toMatchObject({
    kind: 'blocked',
    files: ['a.txt'],
  });
});

it('a task whose git writes CRLF commits no line ends, unless the repository says that they are to stay', async () => {
  const repo = await newRepository({ 'a.txt': '1\n2\n' });
  const [path, start] = [join(repo.path, '.worktrees/epic'), 'refs/heads/main'];
  await ensureWorktree(repo, { path, branch: 'epic', start });
  expect(await readFile(join(path, 'a.txt'), 'utf8')).toBe('1\r\n2\r\n');
  await write(path, { 'a.txt': '1\r\n2\r\n' });
  expect(await worktreeTree(repo, path)).toBe(await git(repo.path, 'rev-parse', 'main^{tree}'));
  await git(repo.path, 'config', 'core.autocrlf', 'false');
  expect(await worktreeTree(repo, path)).not.toBe(await git(repo.path, 'rev-parse', 'main^{tree}'));
});
