import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAncestor } from '../../../git/content/commits';
import { conflictState, filesWithMarkers, leaveConflict } from '../../../git/worktree/conflict';
import { land } from '../../../git/landing/landing';
import { mergeTrees } from '../../../git/content/merge-tree';
import type { Repository } from '../../../git/repository/repository';
import { DirtyWorktree } from '../../../git/content/status';
import { isClean } from '../../support/clean-worktree';
import { syncDependencies } from '../../../git/worktree/sync';
import { ensureWorktree } from '../../../git/worktree/worktrees';
import * as support from '../../support/git-repository';
import { prepareLanding } from '../../support/landing';

const { commit, git, newBranch, newRepository, write } = support;
afterAll(support.removeTemporaryFolders);

const branch = 'epic-1-x';

async function worktreeIn(repo: Repository): Promise<string> {
  const path = join(repo.path, '.worktrees', branch);
  await ensureWorktree(repo, { path, branch, start: 'main' });
  return path;
}

describe('syncDependencies', () => {
  it('merges what is missing, once where one comes with another, and nothing on a repeat', async () => {
    const repo = await newRepository();
    const one = await newBranch(repo, 'one', { 'one.txt': '1\n' });
    const two = await newBranch(repo, 'two', { 'two.txt': '2\n' }, 'one');
    const worktree = await worktreeIn(repo);
    const dependencies = [
      { task: 1, commit: one },
      { task: 2, commit: two },
    ];
    const first = await syncDependencies(repo, { worktree, branch, dependencies });
    expect(await syncDependencies(repo, { worktree, branch, dependencies })).toEqual(first);
    expect(first).toEqual({ kind: 'synced', head: await git(repo.path, 'rev-parse', branch) });
    expect(await git(repo.path, 'log', '--first-parent', '--format=%s', `main..${branch}`)).toBe(
      `Merge T2 into ${branch}`,
    );
    expect(await isAncestor(repo, one, branch)).toBe(true);
    expect(await isClean(repo, worktree)).toBe(true);
    expect(await readFile(join(worktree, 'two.txt'), 'utf8')).toBe('2\n');
  });

  it('merges into a file whose time stamp alone has changed since the index was written', async () => {
    const repo = await newRepository();
    const one = await newBranch(repo, 'one', { 'a.txt': '1\none\n3\n' });
    const worktree = await worktreeIn(repo);
    await utimes(join(worktree, 'a.txt'), 1_000_000_000, 1_000_000_000);
    const dependencies = [{ task: 1, commit: one }];
    const synced = await syncDependencies(repo, { worktree, branch, dependencies, clean: true });
    expect(synced.kind).toBe('synced');
    expect(await readFile(join(worktree, 'a.txt'), 'utf8')).toBe('1\none\n3\n');
    expect(await isClean(repo, worktree)).toBe(true);
  });

  it('leaves a conflict that is resolved by hand in the documented way', async () => {
    const repo = await newRepository();
    const good = await newBranch(repo, 'good', { 'good.txt': 'g\n' });
    const bad = await newBranch(repo, 'bad', { 'a.txt': '1\nbad\n3\n' });
    const worktree = await worktreeIn(repo);
    await commit(worktree, 'epic work', { 'a.txt': '1\nepic\n3\n' });
    const request = {
      worktree,
      branch,
      dependencies: [
        { task: 1, commit: good },
        { task: 2, commit: bad },
      ],
    };
    const result = await syncDependencies(repo, request);
    const head = await git(repo.path, 'rev-parse', branch);
    expect(result).toEqual({
      kind: 'conflict',
      conflict: { during: 'sync', files: [{ path: 'a.txt', kind: 'contents' }], ours: head, theirs: bad },
    });
    expect(await syncDependencies(repo, request)).toEqual(result);
    expect(await isAncestor(repo, good, branch)).toBe(true);
    expect(await conflictState(repo, worktree)).toEqual({ merging: true, unmerged: ['a.txt'], dirty: true });
    expect(await filesWithMarkers(worktree, ['a.txt'])).toEqual(['a.txt']);

    await write(worktree, { 'a.txt': '1\nboth\n=======\n3\n' });
    await git(worktree, 'add', 'a.txt');
    await git(worktree, 'commit', '--quiet', '--no-edit');
    expect(await filesWithMarkers(worktree, ['a.txt'])).toEqual([]);
    expect(await conflictState(repo, worktree)).toEqual({ merging: false, unmerged: [], dirty: false });
    expect(await syncDependencies(repo, request)).toMatchObject({ kind: 'synced' });
    expect(await isAncestor(repo, bad, branch)).toBe(true);
  });

  it('knows markers of the length that an attribute asks for', async () => {
    const repo = await newRepository({
      'a.txt': '1\n2\n3\n',
      '.gitattributes': '* conflict-marker-size=12\n',
    });
    const theirs = await newBranch(repo, 'other', { 'a.txt': '1\nother\n3\n' });
    const worktree = await worktreeIn(repo);
    await commit(worktree, 'epic work', { 'a.txt': '1\nepic\n3\n' });
    await leaveConflict(repo, { worktree, branch, theirs });
    expect(await filesWithMarkers(worktree, ['a.txt'])).toEqual(['a.txt']);
  });

  it('knows markers in a file whose name is no UTF-8', async () => {
    const repo = await newRepository();
    const name = (folder: string) =>
      Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9]), Buffer.from('.txt')]);
    await writeFile(name(repo.path), '1\n2\n3\n');
    await commit(repo.path, 'a name in Latin 1');
    const worktree = await worktreeIn(repo);
    await writeFile(name(worktree), '1\nepic\n3\n');
    await commit(worktree, 'epic work');
    await writeFile(name(repo.path), '1\nmain\n3\n');
    const theirs = await commit(repo.path, 'main edits the line');
    const result = await syncDependencies(repo, {
      worktree,
      branch,
      dependencies: [{ task: 1, commit: theirs }],
    });
    const files = result.kind === 'conflict' ? result.conflict.files.map(({ path }) => path) : [];
    expect(files).toEqual(['caf\ufffd.txt']);
    expect(await filesWithMarkers(worktree, files)).toEqual(files);
    await writeFile(name(worktree), '1\nboth\n3\n');
    expect(await filesWithMarkers(worktree, files)).toEqual([]);
  });

  it('takes the solution of a conflict from what has landed, and whatever else has not', async () => {
    const repo = await newRepository();
    const one = await newBranch(repo, 'one', { 'a.txt': '1\none\n3\n' });
    const two = await newBranch(repo, 'two', { 'a.txt': '1\ntwo\n3\n' });
    const three = await newBranch(repo, 'three', { 'b.txt': 'b\n' });
    const worktree = await worktreeIn(repo);
    const dependencies = [one, two, three].map((id, at) => ({ task: at + 1, commit: id }));
    await git(repo.path, 'merge', '--quiet', 'one');
    const before = await git(repo.path, 'rev-parse', 'main');
    await expect(git(repo.path, 'merge', '--quiet', 'two')).rejects.toThrow('Command failed');
    const landed = await commit(repo.path, 'both', { 'a.txt': '1\none and two\n3\n' });

    const request = { worktree, branch, dependencies };
    expect((await syncDependencies(repo, { ...request, landed: before })).kind).toBe('conflict');
    await git(worktree, 'merge', '--abort');
    const synced = await syncDependencies(repo, { ...request, landed });
    expect(synced).toEqual({ kind: 'synced', head: await git(repo.path, 'rev-parse', branch) });
    for (const { commit: each } of dependencies) expect(await isAncestor(repo, each, branch)).toBe(true);
    expect(await readFile(join(worktree, 'a.txt'), 'utf8')).toBe('1\none and two\n3\n');
    expect(await isClean(repo, worktree)).toBe(true);
  });

  it('refuses a dirty worktree, a wrong branch and a commit that is gone', async () => {
    const repo = await newRepository();
    const one = await newBranch(repo, 'one', { 'one.txt': '1\n' });
    const worktree = await worktreeIn(repo);
    const sync = (id: string) =>
      syncDependencies(repo, { worktree, branch, dependencies: [{ task: 7, commit: id }] });
    await expect(sync('f'.repeat(40))).rejects.toThrow('the commit of task 7 no longer exists');
    await write(worktree, { 'mine.txt': 'm\n' });
    await expect(sync(one)).rejects.toThrow(DirtyWorktree);
    await git(worktree, 'checkout', '--quiet', '-b', 'elsewhere');
    await expect(sync(one)).rejects.toThrow(`is not on ${branch}`);
  });
});

describe('mergeTrees', () => {
  const kinds: [string, support.Files, support.Files, { path: string; kind: string }[]][] = [
    ['content', { 'a.txt': 'x\n' }, { 'a.txt': 'y\n' }, [{ path: 'a.txt', kind: 'contents' }]],
    ['add/add', { 'n w': 'x\n' }, { 'n w': 'y\n' }, [{ path: 'n w', kind: 'add/add' }]],
    ['modify/delete', { 'a.txt': null }, { 'a.txt': 'y\n' }, [{ path: 'a.txt', kind: 'modify/delete' }]],
    ['binary', { 'a.bin': '\0x\n' }, { 'a.bin': '\0y\n' }, [{ path: 'a.bin', kind: 'binary' }]],
    ['a line break in a name', { 'n\nw': 'x\n' }, { 'n\nw': 'y\n' }, [{ path: 'n\nw', kind: 'add/add' }]],
  ];
  it.each(kinds)('tells the kind of a conflict: %s', async (_, ours, theirs, files) => {
    const repo = await newRepository({ 'a.txt': '1\n2\n3\n', 'a.bin': '\0a\n' });
    const left = await newBranch(repo, 'left', ours);
    const right = await newBranch(repo, 'right', theirs);
    expect(await mergeTrees(repo, { ours: left, theirs: right })).toMatchObject({ kind: 'conflict', files });
  });

  it('throws for a commit that does not exist, and for unrelated histories', async () => {
    const repo = await newRepository();
    const head = await git(repo.path, 'rev-parse', 'main');
    await expect(mergeTrees(repo, { ours: head, theirs: 'f'.repeat(40) })).rejects.toThrow('merge-tree');
    await git(repo.path, 'checkout', '--quiet', '--orphan', 'fresh');
    const fresh = await commit(repo.path, 'fresh', { f: 'f' });
    await expect(mergeTrees(repo, { ours: head, theirs: fresh })).rejects.toThrow(/unrelated histories/);
  });

  it('minds attributes in a folder whose name is no UTF-8', async () => {
    const repo = await newRepository();
    const folder = Buffer.concat([Buffer.from(`${repo.path}/caf`), Buffer.from([0xe9])]);
    await mkdir(folder);
    const within = (name: string) => Buffer.concat([folder, Buffer.from(`/${name}`)]);
    await writeFile(within('.gitattributes'), '*.txt merge=union\n');
    await writeFile(within('log.txt'), '0\n');
    await commit(repo.path, 'a folder');
    await git(repo.path, 'branch', 'right');
    await writeFile(within('log.txt'), '0\nleft\n');
    const ours = await commit(repo.path, 'left');
    await git(repo.path, 'checkout', '--quiet', 'right');
    await writeFile(within('log.txt'), '0\nright\n');
    const theirs = await commit(repo.path, 'right');
    expect((await mergeTrees(repo, { ours, theirs })).kind).toBe('clean');
  });

  it("takes the base's committed attributes, not the user's files, also in a bare repository", async () => {
    const repo = await newRepository({
      'log.txt': '0\n',
      'sub/.gitattributes': '*.txt merge=union\n',
      'sub/log.txt': '0\n',
    });
    const left = await newBranch(repo, 'left', { 'sub/log.txt': '0\nleft\n' });
    const right = await newBranch(repo, 'right', { 'sub/log.txt': '0\nright\n' });
    const bare = await support.bareCloneOf(repo);
    await write(repo.path, { '.gitattributes': '*.txt -merge\n', 'sub/.gitattributes': null });
    for (const each of [repo, bare]) {
      const merged = await mergeTrees(each, { ours: left, theirs: right });
      expect(merged.kind).toBe('clean');
      expect(await git(each.path, 'show', `${merged.tree}:sub/log.txt`)).toBe('0\nleft\nright');
    }
  });
});

it('a landing conflict is left in the worktree once, and lands after it was resolved', async () => {
  const { repo, ours } = await support.conflictedPair();
  const worktree = await worktreeIn(repo);
  await write(worktree, { 'stray.txt': 's\n' });
  const request = { worktree, branch, theirs: ours };
  await expect(leaveConflict(repo, request)).rejects.toThrow(DirtyWorktree);
  await write(worktree, { 'stray.txt': null });
  await leaveConflict(repo, request);
  await leaveConflict(repo, request);
  expect(await git(worktree, 'status', '--porcelain')).toBe('UU a.txt');
  await write(worktree, { 'a.txt': '1\nboth\n3\n' });
  await git(worktree, 'commit', '--quiet', '--all', '--no-edit');
  const landing = {
    baseBranch: 'main',
    head: branch,
    strategy: 'regular' as const,
    message: 'Land',
    date: '2026-01-01T00:00:00Z',
  };
  const prepared = await prepareLanding(repo, landing);
  expect(prepared).toMatchObject({ kind: 'candidate' });
  if (prepared.kind === 'candidate') await land(repo, { baseBranch: 'main', candidate: prepared });
  expect(await readFile(join(repo.path, 'a.txt'), 'utf8')).toBe('1\nboth\n3\n');
});

// Elsewhere nobody can tell whether a git is at work there.
(process.platform === 'linux' ? describe : describe.skip)(
  'the lock of a git that was killed in a worktree',
  () => {
    it.each([
      ['', false],
      [', also where git has to look at files again', true],
    ])('goes once no git can hold it any more%s', async (_, touched) => {
      const repo = await newRepository();
      const one = await newBranch(repo, 'one', { 'a.txt': '1\none\n3\n' });
      const worktree = await worktreeIn(repo);
      const lock = join(repo.gitDir, 'worktrees', branch, 'index.lock');
      await writeFile(lock, '');
      if (touched) await utimes(join(worktree, 'a.txt'), 1_000_000_000, 1_000_000_000);
      const dependencies = [{ task: 1, commit: one }];
      const sync = () => syncDependencies(repo, { worktree, branch, dependencies, clean: true });
      await expect(sync()).rejects.toThrow(/index\.lock': File exists/);
      const then = Date.now() / 1000 - 120;
      await utimes(lock, then, then);
      const atWork = spawn('git', ['cat-file', '--batch'], { cwd: worktree });
      await expect(sync()).rejects.toThrow(/index\.lock': File exists/);
      atWork.kill();
      await once(atWork, 'close');
      expect(await sync()).toMatchObject({ kind: 'synced' });
      expect(await isClean(repo, worktree)).toBe(true);
    });
  },
);
