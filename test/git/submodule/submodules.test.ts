import { copyFile, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeCommit } from '../../../git/content/commit-object';
import { leaveConflict } from '../../../git/worktree/conflict';
import { mergeTrees } from '../../../git/content/merge-tree';
import type { Repository } from '../../../git/repository/repository';
import { resetWorktree } from '../../../git/worktree/reset';
import { isClean } from '../../support/clean-worktree';
import { checkOutSubmodules } from '../../../git/submodule/submodule-checkout';
import { keepSubmoduleCommits } from '../../../git/submodule/submodule-keep';
import { syncDependencies } from '../../../git/worktree/sync';
import { takenBack } from '../../../git/landing/taken-back';
import { commitTask, worktreeTree } from '../../../git/worktree/task-commit';
import { ensureWorktree, removeWorktree } from '../../../git/worktree/worktrees';
import * as support from '../../support/git-repository';

const { commit, git, newRepository, write } = support;
afterAll(support.removeTemporaryFolders);

const date = '2026-01-02T03:04:05Z';
const branch = 'epic-1-x';
const pathIn = (repo: Repository) => join(repo.path, '.worktrees', branch);
const inLib = (repo: Repository) => join(pathIn(repo), 'libs/lib');
const remove = (repo: Repository, base = ['main']) =>
  removeWorktree(repo, { path: pathIn(repo), branch, base });

/** A repository whose submodule `libs/lib` has a submodule itself, all checked out; and a worktree of it. */
async function withWorktree(): Promise<Repository> {
  const repo = await support.repositoryWithSubmodules();
  await ensureWorktree(repo, { path: pathIn(repo), branch, start: 'main' });
  expect(await checkOutSubmodules(repo, pathIn(repo))).toEqual([]);
  return repo;
}

it('a new worktree has the submodules that the user has, nested ones too, and goes again', async () => {
  const repo = await withWorktree();
  expect(await readFile(join(inLib(repo), 'lib.txt'), 'utf8')).toBe('lib\n');
  expect(await readFile(join(inLib(repo), 'inner/inner.txt'), 'utf8')).toBe('inner\n');
  expect(await git(pathIn(repo), 'status', '--porcelain')).toBe('');
  expect(await git(pathIn(repo), 'submodule', 'status', '--recursive')).toMatch(/^ ?[0-9a-f]{40} libs\/lib/);
  expect(await isClean(repo, pathIn(repo))).toBe(true);
  expect(await checkOutSubmodules(repo, pathIn(repo))).toEqual([]);
  expect(await remove(repo)).toEqual({ removed: true });
  expect(await git(repo.path, 'status', '--porcelain')).toBe('');
});

it("a commit that an agent makes in a submodule outlives the worktree, in the user's own copy", async () => {
  const repo = await withWorktree();
  const made = await commit(inLib(repo), 'agent changes the library', { 'lib.txt': 'changed\n' });
  const base = await git(repo.path, 'rev-parse', 'main');
  const tree = await worktreeTree(repo, pathIn(repo));
  await commitTask(repo, { worktree: pathIn(repo), branch, base, tree, message: 'T1', date });
  const keep = { worktree: pathIn(repo), prefix: 'refs/yokeflow/tasks/1' };
  expect(await keepSubmoduleCommits(repo, keep)).toEqual([]);
  expect(await keepSubmoduleCommits(repo, keep)).toEqual([]);
  await git(repo.path, 'merge', '--quiet', '--ff-only', branch);
  expect(await remove(repo)).toEqual({ removed: true });
  await git(repo.path, 'submodule', 'update', '--quiet');
  expect(await git(join(repo.path, 'libs/lib'), 'rev-parse', 'HEAD')).toBe(made);
  expect(await readFile(join(repo.path, 'libs/lib/lib.txt'), 'utf8')).toBe('changed\n');
});

it("an object that only claims to be another does not get into the user's own copy", async () => {
  const repo = await withWorktree();
  await commit(inLib(repo), 'agent changes the library', { 'lib.txt': 'good\n', 'other.txt': 'evil\n' });
  const objects = join(await git(inLib(repo), 'rev-parse', '--absolute-git-dir'), 'objects');
  const blob = async (file: string) => git(inLib(repo), 'rev-parse', `HEAD:${file}`);
  const [good, evil] = [await blob('lib.txt'), await blob('other.txt')];
  const fileOf = (id: string) => join(objects, id.slice(0, 2), id.slice(2));
  await rm(fileOf(good));
  await copyFile(fileOf(evil), fileOf(good));
  expect(await git(inLib(repo), 'cat-file', 'blob', good)).toBe('evil');
  await keepSubmoduleCommits(repo, { worktree: pathIn(repo), prefix: 'refs/yokeflow/tasks/1' });
  const user = join(repo.path, 'libs/lib');
  expect(await git(user, 'cat-file', 'blob', evil)).toBe('evil');
  await expect(git(user, 'cat-file', 'blob', good)).rejects.toThrow(good);
});

it('a worktree with changes in a submodule is not removed; a reset puts them back', async () => {
  const repo = await withWorktree();
  await write(inLib(repo), { 'lib.txt': 'not committed\n' });
  expect(await remove(repo)).toMatchObject({
    removed: false,
    reason: expect.stringContaining('uncommitted'),
  });
  await commit(inLib(repo), 'a try that fails');
  await resetWorktree(repo, { worktree: pathIn(repo), branch, to: 'main' });
  expect(await readFile(join(inLib(repo), 'lib.txt'), 'utf8')).toBe('lib\n');
  expect(await isClean(repo, pathIn(repo))).toBe(true);
});

it('says which submodules are empty, and why', async () => {
  const repo = await withWorktree();
  const linked = await git(repo.path, 'rev-parse', 'main:libs/lib');
  await remove(repo);
  await git(repo.path, 'update-index', '--cacheinfo', `160000,${'1'.repeat(40)},libs/lib`);
  await git(repo.path, 'commit', '--quiet', '-m', 'link to a commit that is nowhere');
  await ensureWorktree(repo, { path: pathIn(repo), branch, start: 'main' });
  expect(await checkOutSubmodules(repo, pathIn(repo))).toEqual([
    expect.stringMatching(
      /^submodule libs\/lib is not at its commit 1{40}, which your own checkout does not/,
    ),
  ]);
  await git(pathIn(repo), 'update-index', '--cacheinfo', `160000,${linked},libs/lib`);
  await rm(join(repo.gitDir, 'modules'), { recursive: true });
  expect(await checkOutSubmodules(repo, pathIn(repo))).toEqual([
    expect.stringContaining('submodule libs/lib is empty: it is not checked out in your own checkout either'),
  ]);
  expect((await stat(inLib(repo))).isDirectory()).toBe(true);
});

it('one whose commit nobody has is empty, and no change, until somebody has it', async () => {
  const repo = await withWorktree();
  const lib = await support.newRepository({ 'lib.txt': 'moved\n' });
  const moved = await git(lib.path, 'rev-parse', 'main');
  await git(pathIn(repo), 'update-index', '--cacheinfo', `160000,${moved},libs/lib`);
  await git(pathIn(repo), 'commit', '--quiet', '-m', 'moves lib');
  await resetWorktree(repo, { worktree: pathIn(repo), branch, to: branch });
  expect(await git(pathIn(repo), 'status', '--porcelain')).toBe('');
  const tree = await worktreeTree(repo, pathIn(repo));
  expect(await git(repo.path, 'rev-parse', `${tree}:libs/lib`)).toBe(moved);
  await git(join(repo.path, 'libs/lib'), 'fetch', '--quiet', lib.path);
  expect(await checkOutSubmodules(repo, pathIn(repo))).toEqual([]);
  expect(await git(inLib(repo), 'rev-parse', 'HEAD')).toBe(moved);
  expect(await readFile(join(inLib(repo), 'lib.txt'), 'utf8')).toBe('moved\n');
  expect(await git(pathIn(repo), 'status', '--porcelain')).toBe('');
});

it('knows which commits of a submodule a remote has, also where clocks differed', async () => {
  const repo = await withWorktree();
  const lib = inLib(repo);
  // As if the user had no copy of it.
  await rm(join(repo.gitDir, 'modules/libs/lib/HEAD'));
  await git(join(lib, 'inner'), 'update-ref', 'refs/remotes/origin/main', 'HEAD');
  const tree = await git(lib, 'rev-parse', 'HEAD^{tree}');
  const make = async (date: string, parents: string[]) => {
    const inner = { ...repo, gitDir: await git(lib, 'rev-parse', '--absolute-git-dir') };
    return writeCommit(inner, { tree, parents, message: `of ${date}`, date });
  };
  const begun = await make('2039-01-01T00:00:00Z', []);
  const pushed = await make('2039-01-02T00:00:00Z', [begun]);
  let tip = pushed;
  for (let day = 10; day < 25; day++) tip = await make(`2026-01-${day}T00:00:00Z`, [tip]);
  await git(lib, 'checkout', '--quiet', '-B', 'main', pushed);
  await git(lib, 'update-ref', 'refs/remotes/origin/main', tip);
  const problems = () => keepSubmoduleCommits(repo, { worktree: pathIn(repo), prefix: 'refs/yokeflow/x' });
  expect(await problems()).toEqual([]);
  await commit(lib, 'not pushed', { 'own.txt': 'own\n' });
  expect(await problems()).toEqual([expect.stringContaining('libs/lib has commits that are nowhere else')]);
});

describe('a submodule that is added in a worktree', () => {
  const other = 'epic-2-y';
  const allow = ['-c', 'protocol.file.allow=always'];
  const otherPath = (repo: Repository) => join(repo.path, '.worktrees', other);

  /** A repository without submodules, one with two commits to add to it, and a worktree where `add` has run. */
  async function added(add: (path: string, url: string) => Promise<unknown>) {
    const inner = await newRepository({ 'inner.txt': 'inner\n' });
    const lib = await newRepository({ 'lib.txt': 'old\n' });
    await git(lib.path, ...allow, 'submodule', '--quiet', 'add', inner.path, 'inner');
    await commit(lib.path, 'second', { 'lib.txt': 'lib\n' });
    const repo = await newRepository();
    await ensureWorktree(repo, { path: pathIn(repo), branch, start: 'main' });
    await add(pathIn(repo), `file://${lib.path}`);
    await commit(pathIn(repo), 'T1');
    return { repo, lib, keep: { worktree: pathIn(repo), prefix: 'refs/yokeflow/tasks/1' } };
  }
  const asSubmodule = async (path: string, url: string) => {
    await git(path, ...allow, 'submodule', '--quiet', 'add', url, 'libs/lib');
    await git(path, ...allow, 'submodule', '--quiet', 'update', '--init', '--recursive');
  };

  const ways: [string, typeof asSubmodule][] = [
    ['with git submodule add', asSubmodule],
    [
      'without its history',
      async (path, url) => {
        await git(path, ...allow, 'submodule', '--quiet', 'add', '--depth', '1', url, 'libs/lib');
        await git(path, ...allow, 'submodule', '--quiet', 'update', '--init', '--recursive');
      },
    ],
    [
      'by a clone',
      async (path, url) => {
        await git(path, ...allow, 'clone', '--quiet', '--recurse-submodules', url, 'libs/lib');
        await git(path, ...allow, 'submodule', '--quiet', 'add', url, 'libs/lib');
      },
    ],
  ];
  test.each(ways)('%s is in the worktrees of others, also when it is gone itself', async (_, add) => {
    const { repo, keep } = await added(add);
    await ensureWorktree(repo, { path: otherPath(repo), branch: other, start: branch });
    expect(await checkOutSubmodules(repo, otherPath(repo))).toEqual([
      expect.stringContaining('submodule libs/lib is empty'),
    ]);
    expect(await keepSubmoduleCommits(repo, keep)).toEqual([]);
    expect(await keepSubmoduleCommits(repo, keep)).toEqual([]);
    await git(repo.path, 'merge', '--quiet', '--ff-only', branch);
    expect(await remove(repo)).toEqual({ removed: true });
    expect(await checkOutSubmodules(repo, otherPath(repo))).toEqual([]);
    expect(await readFile(join(otherPath(repo), 'libs/lib/lib.txt'), 'utf8')).toBe('lib\n');
    expect(await readFile(join(otherPath(repo), 'libs/lib/inner/inner.txt'), 'utf8')).toBe('inner\n');
    expect(await git(otherPath(repo), 'status', '--porcelain')).toBe('');
    expect(await git(join(otherPath(repo), 'libs/lib'), 'fsck')).toBe('');
    // The user's own checkout is as ever.
    expect(await git(repo.path, 'submodule', 'status')).toMatch(/^-[0-9a-f]{40} libs\/lib$/);
    await git(repo.path, ...allow, 'submodule', '--quiet', 'update', '--init', '--recursive');
    expect(await checkOutSubmodules(repo, otherPath(repo))).toEqual([]);
    expect(await removeWorktree(repo, { path: otherPath(repo), branch: other, base: ['main'] })).toEqual({
      removed: true,
    });
  });

  it('goes on from there; what no remote has keeps its worktree', async () => {
    const { repo, lib, keep } = await added(asSubmodule);
    expect(await keepSubmoduleCommits(repo, keep)).toEqual([]);
    await ensureWorktree(repo, { path: otherPath(repo), branch: other, start: branch });
    expect(await checkOutSubmodules(repo, otherPath(repo))).toEqual([]);
    const theirs = { worktree: otherPath(repo), prefix: 'refs/yokeflow/tasks/2' };
    expect(await keepSubmoduleCommits(repo, theirs)).toEqual([]);
    const made = await commit(join(otherPath(repo), 'libs/lib'), 'more', { 'lib.txt': 'more\n' });
    await commit(otherPath(repo), 'T2');
    const problem = 'submodule libs/lib has commits that are nowhere else: push them first';
    expect(await keepSubmoduleCommits(repo, theirs)).toEqual([problem]);
    await git(lib.path, 'checkout', '--quiet', '--detach');
    await git(join(otherPath(repo), 'libs/lib'), 'push', '--quiet', 'origin', 'HEAD:main');
    expect(await keepSubmoduleCommits(repo, theirs)).toEqual([]);
    await resetWorktree(repo, { worktree: pathIn(repo), branch, to: other });
    expect(await git(inLib(repo), 'rev-parse', 'HEAD')).toBe(made);
  });

  it('by a clone keeps its worktree as long as a commit in it is nowhere else', async () => {
    const { repo } = await added(ways[2]![1]);
    await commit(inLib(repo), 'not pushed', { 'lib.txt': 'own\n' });
    await commit(pathIn(repo), 'T1');
    await git(repo.path, 'merge', '--quiet', '--ff-only', branch);
    expect(await remove(repo)).toMatchObject({
      removed: false,
      reason: expect.stringContaining(
        'submodule libs/lib has commits that are nowhere else: push them first',
      ),
    });
  });

  it('is fetched by whoever needs it, where it is a partial clone', async () => {
    const { repo, lib, keep } = await added(asSubmodule);
    await rm(inLib(repo), { recursive: true });
    await git(lib.path, 'config', 'uploadpack.allowFilter', 'true');
    await git(pathIn(repo), 'rm', '--quiet', '-rf', '--cached', 'libs/lib');
    const clone = [
      'clone',
      '--quiet',
      '--no-checkout',
      '--filter=blob:none',
      `file://${lib.path}`,
      'libs/lib',
    ];
    await git(pathIn(repo), ...allow, ...clone);
    await git(pathIn(repo), 'add', '--all');
    expect(await keepSubmoduleCommits(repo, keep)).toEqual([]);
    await ensureWorktree(repo, { path: otherPath(repo), branch: other, start: branch });
    expect(await checkOutSubmodules(repo, otherPath(repo))).toEqual([
      expect.stringContaining('libs/lib is not at its commit'),
    ]);
  });
});

describe('a merge that brings in the move of a submodule', () => {
  /** Main moves `libs/lib`, removes nothing, and edits a.txt; the branch edits the same line of it. */
  async function conflicting() {
    const repo = await withWorktree();
    const work = await commit(pathIn(repo), 'T1', { 'a.txt': '1\nepic\n3\n' });
    const before = await git(repo.path, 'rev-parse', 'main:libs/lib');
    const moved = await commit(join(repo.path, 'libs/lib'), 'lib moves', { 'lib.txt': 'moved\n' });
    const theirs = await commit(repo.path, 'main edits and moves', { 'a.txt': '1\nmain\n3\n' });
    return { repo, work, before, moved, theirs };
  }
  const resolve = (repo: Repository) =>
    commit(pathIn(repo), 'resolved', { 'a.txt': '1\nmain and epic\n3\n' });
  const found = (repo: Repository, head: string) => takenBack(repo, head, ['main']);

  it('is resolved with `git add --all`, and keeps it', async () => {
    const { repo, moved, theirs } = await conflicting();
    await leaveConflict(repo, { worktree: pathIn(repo), branch, theirs });
    expect(await git(pathIn(repo), 'status', '--porcelain')).toBe('UU a.txt\nM  libs/lib');
    expect(await readFile(join(inLib(repo), 'lib.txt'), 'utf8')).toBe('moved\n');
    const resolved = await resolve(repo);
    expect(await git(repo.path, 'rev-parse', `${resolved}:libs/lib`)).toBe(moved);
    expect(await found(repo, resolved)).toEqual([]);
  });

  it('leaves a submodule alone in which somebody works; what takes the move back is found', async () => {
    const { repo, before, moved, theirs } = await conflicting();
    await write(inLib(repo), { 'inner/inner.txt': 'edited\n' });
    await leaveConflict(repo, { worktree: pathIn(repo), branch, theirs });
    expect(await git(inLib(repo), 'rev-parse', 'HEAD')).toBe(before);
    expect(await readFile(join(inLib(repo), 'inner/inner.txt'), 'utf8')).toBe('edited\n');
    const resolved = await resolve(repo);
    expect(await git(repo.path, 'rev-parse', `${resolved}:libs/lib`)).toBe(before);
    expect(await found(repo, resolved)).toEqual([{ path: 'libs/lib', moved }]);
    // What git makes of it by itself, without a word.
    const merged = await mergeTrees(repo, { ours: theirs, theirs: resolved });
    expect(merged.kind).toBe('clean');

    await git(inLib(repo), 'checkout', '--quiet', moved);
    const mended = await commit(pathIn(repo), 'as main has it');
    expect(await found(repo, mended)).toEqual([]);
    await git(inLib(repo), 'checkout', '--quiet', before);
    expect(await found(repo, await commit(pathIn(repo), 'back, and meant'))).toEqual([]);
  });

  it('has landed, although clocks differed: what it took back is not found again', async () => {
    const repo = await newRepository();
    const treeWith = async (link: string) => {
      await git(repo.path, 'update-index', '--add', '--cacheinfo', `160000,${link.repeat(40)},lib`);
      return git(repo.path, 'write-tree');
    };
    const [before, after] = [await treeWith('1'), await treeWith('2')];
    const make = (tree: string, date: string, parents: string[]) =>
      writeCommit(repo, { tree, parents, message: `of ${date}`, date });
    const start = await make(before, '2039-01-01T00:00:00Z', []);
    const moved = await make(after, '2039-01-02T00:00:00Z', [start]);
    const own = await make(before, '2039-01-02T00:00:00Z', [start]);
    const merge = await make(before, '2039-01-03T00:00:00Z', [own, moved]);
    const head = await make(before, '2039-01-04T00:00:00Z', [merge]);
    const missed = [{ path: 'lib', moved: '2'.repeat(40) }];
    expect(await takenBack(repo, head, [moved])).toEqual(missed);
    let main = merge;
    for (let day = 10; day < 25; day++) main = await make(before, `2026-01-${day}T00:00:00Z`, [main]);
    expect(await takenBack(repo, head, [main])).toEqual([]);
  });

  it('without a conflict: the files are where the link is', async () => {
    const repo = await withWorktree();
    const moved = await commit(join(repo.path, 'libs/lib'), 'lib moves', { 'lib.txt': 'moved\n' });
    const first = await commit(repo.path, 'main moves it');
    const dependencies = [{ task: 2, commit: first }];
    const synced = await syncDependencies(repo, { worktree: pathIn(repo), branch, dependencies });
    expect(synced.kind).toBe('synced');
    expect(await git(inLib(repo), 'rev-parse', 'HEAD')).toBe(moved);

    await git(repo.path, 'rm', '--quiet', 'libs/lib');
    const second = await commit(repo.path, 'main removes it');
    const next = { worktree: pathIn(repo), branch, dependencies: [{ task: 3, commit: second }] };
    await commit(pathIn(repo), 'T4', { 'own.txt': 'own\n' });
    expect((await syncDependencies(repo, next)).kind).toBe('synced');
    expect(await git(pathIn(repo), 'status', '--porcelain')).toBe('');
    expect(await git(repo.path, 'rev-parse', `${branch}^{tree}`)).toBe(
      await worktreeTree(repo, pathIn(repo)),
    );
  });

  it('what the branch itself moved stays its own', async () => {
    const { repo, theirs, before } = await conflicting();
    await git(pathIn(repo), 'reset', '--quiet', '--hard', 'HEAD~1');
    const own = await commit(inLib(repo), 'the epic moves lib', { 'other.txt': 'other\n' });
    await commit(pathIn(repo), 'T1');
    await leaveConflict(repo, { worktree: pathIn(repo), branch, theirs });
    expect(await git(pathIn(repo), 'status', '--porcelain')).toContain('UU libs/lib');
    expect(await git(inLib(repo), 'rev-parse', 'HEAD')).toBe(own);
    expect(own).not.toBe(before);
    expect(await found(repo, await commit(pathIn(repo), 'ours, and meant'))).toEqual([]);
  });
});

it('a submodule whose name would lead elsewhere is left alone', async () => {
  const repo = await newRepository();
  await git(repo.path, 'update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},lib`);
  await write(repo.path, { '.gitmodules': '[submodule "../../x"]\n\tpath = lib\n\turl = /x\n' });
  await git(repo.path, 'add', '.gitmodules');
  await git(repo.path, 'commit', '--quiet', '-m', 'hostile');
  await ensureWorktree(repo, { path: pathIn(repo), branch, start: 'main' });
  expect(await checkOutSubmodules(repo, pathIn(repo))).toEqual([]);
});
