import { execFile } from 'node:child_process';
import { mkdir, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { commitOf, isAncestor } from '../../../git/content/commits';
import {
  ensureWorktree,
  fillWorktree,
  listWorktrees,
  readyWorktree,
  registerWorktree,
  removeWorktree,
  WorktreeProblem,
} from '../../../git/worktree/worktrees';
import type { Repository } from '../../../git/repository/repository';
import * as support from '../../support/git-repository';
import { describeWithDisk, titleWithDisk } from '../../support/small-disk';

const execute = promisify(execFile);
const { commit, git, newRepository, write } = support;
afterAll(support.removeTemporaryFolders);

const branch = 'epic-1-x';
const pathIn = (repo: Repository) => join(repo.path, '.worktrees', branch);
const ensure = (repo: Repository, start = 'main') =>
  ensureWorktree(repo, { path: pathIn(repo), branch, start });
const remove = (repo: Repository, more: { force?: boolean; snapshotRef?: string } = {}) =>
  removeWorktree(repo, { path: pathIn(repo), branch, base: ['main'], ...more });

describe('ensureWorktree', () => {
  it('makes one that the user never sees in git status, and finds it again', async () => {
    const repo = await newRepository();
    const head = await git(repo.path, 'rev-parse', 'main');
    expect(await ensure(repo)).toEqual({ created: true, head });
    expect(await ensure(repo)).toEqual({ created: false, head });
    expect(await git(repo.path, 'status', '--porcelain')).toBe('');
    expect((await listWorktrees(repo)).map(({ path, branch: name, main }) => [path, name, main])).toEqual([
      [repo.path, 'main', true],
      [pathIn(repo), branch, false],
    ]);
    expect((await readFile(join(repo.gitDir, 'info', 'exclude'), 'utf8')).match(/\.worktrees/g)).toHaveLength(
      1,
    );
  });

  it('makes none through a link that somebody has put in the place of .worktrees', async () => {
    const repo = await newRepository();
    const elsewhere = await support.temporaryFolder();
    await symlink(elsewhere, join(repo.path, '.worktrees'));
    await expect(ensure(repo)).rejects.toThrow(/\.worktrees is a symbolic link, .*: remove it$/);
    expect(await readdir(elsewhere)).toEqual([]);
    await rm(join(repo.path, '.worktrees'));
    expect(await ensure(repo)).toMatchObject({ created: true });
  });

  it('names the branch beside which git can have none of that name', async () => {
    const repo = await newRepository();
    await git(repo.path, 'branch', `${branch}/mine`);
    const problem = ensure(repo);
    await expect(problem).rejects.toThrow(WorktreeProblem);
    await expect(problem).rejects.toThrow(/^branch epic-1-x\/mine is there, .*: rename it \(git branch -m /);
  });

  it('is ready for nobody before it has its files', async () => {
    const repo = await newRepository();
    const request = { path: pathIn(repo), branch, start: 'main' };
    const registered = await registerWorktree(repo, request);
    expect(await readdir(pathIn(repo))).toEqual(['.git']);
    expect(await readyWorktree(repo, request)).toBeNull();
    await fillWorktree(repo, pathIn(repo));
    expect(await readyWorktree(repo, request)).toMatchObject({
      head: registered.head,
      state: { dirty: false },
    });
    expect(await ensure(repo)).toEqual({ created: false, head: registered.head });
    expect((await listWorktrees(repo))[1]).toMatchObject({ branch, locked: null });
  });

  it('uses the branch when it exists, and makes a deleted folder anew', async () => {
    const repo = await newRepository();
    const head = await support.newBranch(repo, branch, { b: 'b' });
    expect(await ensure(repo)).toEqual({ created: true, head });
    await rm(pathIn(repo), { recursive: true });
    expect(await ensure(repo)).toEqual({ created: true, head });
  });

  it('works in a bare repository', async () => {
    const bare = await support.bareCloneOf(await newRepository());
    expect((await ensure(bare)).created).toBe(true);
    expect(await listWorktrees(bare)).toHaveLength(1);
    expect(await remove(bare)).toEqual({ removed: true });
  });

  const halfMade: [string, (repo: Repository, entry: string) => Promise<unknown>][] = [
    ['locked while initializing', (_, entry) => writeFile(join(entry, 'locked'), 'initializing')],
    [
      'registered and not filled',
      async (repo) => {
        await remove(repo);
        await registerWorktree(repo, { path: pathIn(repo), branch, start: 'main' });
      },
    ],
    [
      'killed while it was filled',
      async (repo, entry) => {
        await remove(repo);
        await registerWorktree(repo, { path: pathIn(repo), branch, start: 'main' });
        await write(pathIn(repo), { 'a.txt': 'hal' });
        await writeFile(join(entry, 'index.lock'), '');
      },
    ],
    [
      'with locks left behind',
      async (repo, entry) => {
        await writeFile(join(entry, 'locked'), 'initializing');
        await writeFile(join(entry, 'index.lock'), '');
        await writeFile(join(entry, 'HEAD.lock'), '');
        await writeFile(join(repo.gitDir, 'refs', 'heads', `${branch}.lock`), '');
      },
    ],
    ['an entry without a folder', (repo) => rm(pathIn(repo), { recursive: true })],
    [
      'a folder with nothing but .git',
      async (repo, entry) => {
        await rm(entry, { recursive: true });
        await write(pathIn(repo), { 'a.txt': null });
      },
    ],
    [
      'only the branch, with its lock',
      async (repo, entry) => {
        await rm(entry, { recursive: true });
        await rm(pathIn(repo), { recursive: true });
        await writeFile(join(repo.gitDir, 'refs', 'heads', `${branch}.lock`), '');
      },
    ],
    [
      'without HEAD and index',
      async (_, entry) => {
        await writeFile(join(entry, 'locked'), 'initializing');
        await rm(join(entry, 'HEAD'));
        await rm(join(entry, 'index'));
      },
    ],
  ];
  it.each(halfMade)('repairs a half-made one: %s', async (_, damage) => {
    const repo = await newRepository();
    const { head } = await ensure(repo);
    await damage(repo, join(repo.gitDir, 'worktrees', branch));
    expect(await ensure(repo)).toEqual({ created: true, head });
    expect(await git(pathIn(repo), 'status', '--porcelain')).toBe('');
    expect(await git(pathIn(repo), 'symbolic-ref', 'HEAD')).toBe(`refs/heads/${branch}`);
    expect(await readFile(join(pathIn(repo), 'a.txt'), 'utf8')).toBe('1\n2\n3\n');
  });

  it.each([
    ['deleted', (file: string) => rm(file)],
    ['rewritten', (file: string) => writeFile(file, 'gitdir: /elsewhere/.git\n')],
    ['replaced by a pipe', async (file: string) => (await rm(file), execute('mkfifo', [file]))],
    [
      'replaced by a repository',
      async (file: string) => (await rm(file), git(dirname(file), 'init', '--quiet')),
    ],
  ])(
    'leads git to the repository again where its .git was %s, and keeps what is there',
    async (_, damage) => {
      const repo = await newRepository();
      const { head } = await ensure(repo);
      await write(pathIn(repo), { 'work.txt': 'w\n' });
      expect(await readyWorktree(repo, { path: pathIn(repo), branch })).toMatchObject({ head });
      await damage(join(pathIn(repo), '.git'));
      expect(await readyWorktree(repo, { path: pathIn(repo), branch })).toBeNull();
      expect(await ensure(repo)).toEqual({ created: false, head });
      expect(await git(pathIn(repo), 'rev-parse', '--show-toplevel')).toBe(pathIn(repo));
      expect(await git(pathIn(repo), 'status', '--porcelain')).toBe('?? work.txt');
      expect(await readyWorktree(repo, { path: pathIn(repo), branch })).toMatchObject({ head });
    },
  );

  it('refuses a branch that is checked out elsewhere, and a path that holds something else', async () => {
    const repo = await newRepository();
    await git(repo.path, 'checkout', '--quiet', '-b', branch);
    await expect(ensure(repo)).rejects.toThrow(WorktreeProblem);
    await git(repo.path, 'checkout', '--quiet', 'main');
    await mkdir(pathIn(repo), { recursive: true });
    await write(pathIn(repo), { 'precious.txt': 'p' });
    await expect(ensure(repo)).rejects.toThrow(/in the way/);
    expect(await readdir(pathIn(repo))).toEqual(['precious.txt']);
    const other = await newRepository({ '.worktrees': 'a file' });
    const file = join(other.path, '.worktrees');
    await expect(ensure(other)).rejects.toThrow(
      `${file} is in the way: worktrees go into a folder of that name`,
    );
  });
});

describe('removeWorktree', () => {
  it('removes what is merged, with its branch and the empty folder', async () => {
    const repo = await newRepository();
    await ensure(repo);
    const tip = await commit(pathIn(repo), 'work', { b: 'b' });
    await git(repo.path, 'merge', '--quiet', '--no-ff', '-m', 'm', branch);
    expect(await remove(repo)).toEqual({ removed: true });
    expect(await commitOf(repo, branch)).toBeNull();
    expect(await isAncestor(repo, tip, 'main')).toBe(true);
    await expect(stat(join(repo.path, '.worktrees'))).rejects.toThrow('ENOENT');
    expect(await remove(repo)).toEqual({ removed: true });
  });

  it.each([
    ['unmerged commits', (path: string) => commit(path, 'work', { b: 'b' }), 'not merged'],
    ['an untracked file', (path: string) => write(path, { b: 'b' }), 'uncommitted'],
    [
      'a staged file',
      async (path: string) => (await write(path, { b: 'b' }), git(path, 'add', '.')),
      'uncommitted',
    ],
    [
      'an edit that the index hides',
      async (path: string) => (
        await git(path, 'update-index', '--assume-unchanged', 'a.txt'),
        write(path, { 'a.txt': 'x' })
      ),
      'uncommitted',
    ],
    [
      'commits on a detached HEAD',
      async (path: string) => (
        await git(path, 'checkout', '--quiet', '--detach'),
        commit(path, 'work', { b: 'b' })
      ),
      'not merged',
    ],
    [
      'a repository without commits',
      async (path: string) => (await git(path, 'init', '--quiet', 'inner'), write(path, { 'inner/b': 'b' })),
      'uncommitted',
    ],
  ])('refuses %s; by force it keeps a snapshot', async (_, prepare, reason) => {
    const repo = await newRepository();
    await ensure(repo);
    await prepare(pathIn(repo));
    const before = await git(pathIn(repo), 'rev-parse', 'HEAD');
    expect(await remove(repo)).toMatchObject({ removed: false, reason: expect.stringContaining(reason) });
    expect((await stat(pathIn(repo))).isDirectory()).toBe(true);

    const forced = await remove(repo, { force: true, snapshotRef: 'refs/yokeflow/wip/1/1' });
    expect(forced).toMatchObject({ removed: true, snapshot: await commitOf(repo, 'refs/yokeflow/wip/1/1') });
    expect(await isAncestor(repo, before, 'refs/yokeflow/wip/1/1')).toBe(true);
    await expect(stat(pathIn(repo))).rejects.toThrow('ENOENT');
  });

  it('finishes a removal that was interrupted', async () => {
    const repo = await newRepository();
    await ensure(repo);
    await rm(join(repo.gitDir, 'worktrees', branch), { recursive: true });
    const trash = join(repo.path, '.worktrees', `.trash-${branch}-1-2`);
    await mkdir(trash);
    await rm(pathIn(repo), { recursive: true });
    expect(await remove(repo)).toEqual({ removed: true });
    await expect(stat(join(repo.path, '.worktrees'))).rejects.toThrow('ENOENT');
    expect(await commitOf(repo, branch)).toBeNull();
  });
});

describeWithDisk(titleWithDisk('files that cannot be deleted'), () => {
  it('are left and named, and keep no worktree from going or being made', async () => {
    const repo = await newRepository();
    await ensure(repo);
    await mkdir(join(pathIn(repo), 'busy'));
    await execute('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', join(pathIn(repo), 'busy')]);
    const folder = join(repo.path, '.worktrees');
    try {
      const reason = expect.stringMatching(
        /\/\.trash-epic-1-x-.* cannot be deleted \(EBUSY\): delete it by hand/,
      );
      expect(await remove(repo)).toEqual({ removed: true, reason });
      expect(await ensure(repo)).toMatchObject({ created: true });
      expect(await readFile(join(pathIn(repo), 'a.txt'), 'utf8')).toBe('1\n2\n3\n');
    } finally {
      const [trash] = (await readdir(folder)).filter((name) => name.startsWith('.trash-'));
      await execute('umount', ['--lazy', join(folder, trash!, 'busy')]);
    }
    expect(await remove(repo)).toEqual({ removed: true });
    await expect(stat(folder)).rejects.toThrow('ENOENT');
  });
});
