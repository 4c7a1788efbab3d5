import { chmod, mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporaryName } from '../../../domain/temporary-name';
import { isAncestor } from '../../../git/content/commits';
import { pinRef, taskPins } from '../../../git/refs/pins';
import { gitIn } from '../../../git/repository/checkout';
import type { Repository } from '../../../git/repository/repository';
import { resetWorktree } from '../../../git/worktree/reset';
import { snapshot } from '../../../git/worktree/snapshot';
import { commitTask, foldedMessages, worktreeTree } from '../../../git/worktree/task-commit';
import { trustIndex } from '../../../git/worktree/trusted-index';
import { filesOf, stageFiles } from '../../../git/worktree/worktree-index';
import { ensureWorktree } from '../../../git/worktree/worktrees';
import * as support from '../../support/git-repository';

const { commit, git, newBranch, newRepository, write } = support;
afterAll(support.removeTemporaryFolders);

const branch = 'epic-1-x';
const date = '2026-01-02T03:04:05Z';
const ref = 'refs/yokeflow/wip/1/1';

async function setUp(files?: support.Files) {
  const repo = await newRepository(files);
  const worktree = join(repo.path, '.worktrees', branch);
  const { head: base } = await ensureWorktree(repo, { path: worktree, branch, start: 'main' });
  return { repo, worktree, base };
}

const commitIn = async (repo: Repository, worktree: string, base: string) =>
  commitTask(repo, { worktree, branch, base, tree: await worktreeTree(repo, worktree), message: 'T1', date });

const clean = (worktree: string) => git(worktree, 'status', '--porcelain');

describe('commitTask', () => {
  it('folds commits and changes into one commit, and gives the same again', async () => {
    const { repo, worktree, base } = await setUp({ 'a.txt': 'a\n', '.gitignore': '*.ign\n' });
    await commit(worktree, 'first\n\nbody', { b: 'b\n' });
    await commit(worktree, 'second', { c: 'c\n', b: null });
    await git(worktree, 'checkout', '--quiet', '-b', 'wandered');
    await write(worktree, { 'd e/f': 'f\n', 'x.ign': 'i\n', 'line\nbreak': 'l\n' });
    await symlink('a.txt', join(worktree, 'link'));
    await chmod(join(worktree, 'a.txt'), 0o755);
    expect(await foldedMessages(repo, base, 'wandered')).toEqual(['first\n\nbody', 'second']);

    const tree = await worktreeTree(repo, worktree);
    await write(worktree, { 'dropping.txt': 'd\n', 'a.txt': 'dropped\n' });
    const message = 'T1: do \x1b[31mit\n\nYokeFlow-Task: 1';
    const request = { worktree, branch, base, tree, message, date };
    const made = await commitTask(repo, request);
    expect(await commitTask(repo, request)).toEqual(made);
    expect(made.empty).toBe(false);
    expect(await git(worktree, 'log', '--format=%P|%an|%cI|%s', '-1')).toBe(
      `${base}|A User|2026-01-02T03:04:05+00:00|T1: do ␛[31mit`,
    );
    expect(await git(worktree, 'symbolic-ref', 'HEAD')).toBe(`refs/heads/${branch}`);
    expect(await clean(worktree)).toBe('');
    expect((await readdir(worktree)).sort()).toEqual([
      '.git',
      '.gitignore',
      'a.txt',
      'c',
      'd e',
      'line\nbreak',
      'link',
      'x.ign',
    ]);
    expect(await git(worktree, 'ls-tree', 'HEAD', 'a.txt', 'link')).toMatch(/^100755 .*\n120000 /);
  });

  it('records a task that changed nothing', async () => {
    const { repo, worktree, base } = await setUp();
    const made = await commitIn(repo, worktree, base);
    expect(made.empty).toBe(true);
    expect(await git(repo.path, 'rev-list', '--count', `${base}..${branch}`)).toBe('1');
  });

  it('believes the files, not the flags in the index', async () => {
    const { repo, worktree, base } = await setUp({
      'a.txt': 'a\n',
      'b.txt': 'b\n',
      '.gitignore': '*.ign\n',
    });
    await git(worktree, 'update-index', '--assume-unchanged', 'a.txt');
    await git(worktree, 'update-index', '--skip-worktree', 'b.txt');
    await write(worktree, { 'a.txt': 'hidden\n', 'b.txt': 'hidden\n', 'new.ign': 'n\n' });
    await git(worktree, 'add', '--force', 'new.ign');
    const { commit: made } = await commitIn(repo, worktree, base);
    expect(await git(repo.path, 'diff', '--name-only', base, made)).toBe('a.txt\nb.txt\nnew.ign');
  });

  it('keeps the files of a repository that the agent made inside, with commits and without', async () => {
    const { repo, worktree, base } = await setUp();
    for (const name of ['with', 'without']) await git(repo.path, 'init', '--quiet', join(worktree, name));
    await commit(join(worktree, 'with'), 'inner', { 'in.txt': 'in\n', '.gitignore': 'skip\n', skip: 's\n' });
    await write(worktree, { 'without/in.txt': 'in\n' });
    await commitIn(repo, worktree, base);
    expect(await git(repo.path, 'ls-tree', '-r', '--name-only', branch)).toBe(
      'a.txt\nwith/.gitignore\nwith/in.txt\nwithout/in.txt',
    );
    expect(await clean(worktree)).toBe('');
  });

  it('leaves submodules links', async () => {
    const library = await newRepository({ 'lib.txt': 'l\n' });
    const { repo, worktree, base } = await setUp();
    await git(
      worktree,
      '-c',
      'protocol.file.allow=always',
      'submodule',
      'add',
      '--quiet',
      library.path,
      'lib',
    );
    await commitIn(repo, worktree, base);
    expect(await git(repo.path, 'ls-tree', branch, 'lib')).toMatch(/^160000 commit/);
    expect(await snapshot(repo, { worktree, ref, message: 'wip' })).toBeNull();
    await write(worktree, { 'lib/lib.txt': 'edited\n' });
    await snapshot(repo, { worktree, ref, message: 'wip' });
    expect(await support.show(repo, `${ref}:lib/lib.txt`)).toBe('edited');
  });

  it('works with a broken index and inside a rebase that was not finished', async () => {
    const { repo, worktree, base } = await setUp();
    await newBranch(repo, 'other', { 'a.txt': 'other\n' });
    await commit(worktree, 'mine', { 'a.txt': 'mine\n' });
    await expect(git(worktree, 'rebase', 'other')).rejects.toThrow('could not apply');
    await writeFile(join(repo.gitDir, 'worktrees', branch, 'index'), 'broken');
    await write(worktree, { 'a.txt': 'resolved\n' });
    const { commit: made } = await commitIn(repo, worktree, base);
    expect(await support.show(repo, `${made}:a.txt`)).toBe('resolved');
    expect(await git(worktree, 'status')).not.toMatch(/rebas/);
  });

  it('finds every change where it trusts the index, and where it may not', async () => {
    const { repo, worktree, base } = await setUp({ 'a.txt': 'a\n', 'b.txt': 'b\n', '.gitignore': '*.ign\n' });
    expect(await filesOf(repo, worktree)).toMatchObject({ clean: true });
    const made = await commitTask(repo, {
      ...{ worktree, branch, base, message: 'T1', date },
      ...(await filesOf(repo, worktree)),
    });
    expect(made.empty).toBe(true);
    expect(await git(worktree, 'rev-parse', 'HEAD')).toBe(made.commit);

    await write(worktree, { 'a.txt': 'A\n', 'new.txt': 'n\n', 'x.ign': 'i\n' });
    await mkdir(join(worktree, 'inner'));
    await git(worktree, 'init', '--quiet', 'inner');
    await write(worktree, { 'inner/f': 'f\n' });
    const trusted = await filesOf(repo, worktree);
    expect(trusted.clean).toBe(false);
    // Whatever writes the index ends the trust; the tree is the same.
    await git(worktree, 'update-index', '--assume-unchanged', 'b.txt');
    expect(await filesOf(repo, worktree)).toEqual(trusted);
    const names = (await git(repo.path, 'ls-tree', '-r', '--name-only', trusted.tree)).split('\n');
    expect(names).toEqual(['.gitignore', 'a.txt', 'b.txt', 'inner/f', 'new.txt']);

    await commitTask(repo, { worktree, branch, base: made.commit, tree: trusted.tree, message: 'T2', date });
    await write(worktree, { 'b.txt': 'hidden\n' });
    expect(await clean(worktree)).toBe('');
    const hidden = await filesOf(repo, worktree);
    expect(hidden.clean).toBe(false);
    expect(await git(repo.path, 'cat-file', '-p', `${hidden.tree}:b.txt`)).toBe('hidden');
  });

  it('finds a change of the same size that came in the moment when the index was written', async () => {
    const { repo, worktree } = await setUp({ 'a.txt': 'a\n' });
    const [file, then] = [join(worktree, 'a.txt'), 1_000_000_000];
    await git(worktree, 'config', 'core.trustctime', 'false');
    await utimes(file, then, then);
    await git(worktree, 'update-index', '--refresh');
    const own = await gitIn(repo, worktree);
    await utimes(join(own.gitDir, 'index'), then, then);
    await trustIndex(own);
    await write(worktree, { 'a.txt': 'A\n' });
    await utimes(file, then, then);
    const { tree } = await filesOf(repo, worktree);
    expect(await git(repo.path, 'cat-file', '-p', `${tree}:a.txt`)).toBe('A');
  });

  it('keeps a file that git ignores and yet tracks, though its name is no UTF-8', async () => {
    const repo = await newRepository({ '.gitignore': '*.log\n', 'a.txt': 'a\n' });
    const name = (folder: string) =>
      Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9]), Buffer.from('.log')]);
    await writeFile(name(repo.path), 'tracked\n');
    await git(repo.path, 'add', '--force', '--all');
    await commit(repo.path, 'a log');
    const worktree = join(repo.path, '.worktrees', branch);
    await ensureWorktree(repo, { path: worktree, branch, start: 'main' });
    // Nobody's own index any more.
    await git(worktree, 'update-index', '--force-write-index');
    await write(worktree, { 'a.txt': 'b\n' });
    const tree = await worktreeTree(repo, worktree);
    expect(await git(repo.path, 'diff-tree', '--name-status', '-r', 'main', tree)).toBe('M\ta.txt');
  });

  it('does not take time stamps for an answer once attributes have changed', async () => {
    const { repo, worktree } = await setUp({ 'a.txt': 'a\r\n' });
    const { tree } = await filesOf(repo, worktree);
    await write(worktree, { '.gitattributes': '* text\n' });
    const attributes = await filesOf(repo, worktree);
    expect(await git(repo.path, 'diff', '--name-only', tree, attributes.tree)).toBe('.gitattributes\na.txt');
  });

  it('leaves no temporary files', async () => {
    const { repo, worktree } = await setUp();
    // Of this process: others have theirs in the same folder.
    const own = temporaryName('index', process.pid);
    const left = async () => (await readdir(tmpdir())).filter((name) => name.startsWith(own));
    const before = await left();
    await worktreeTree(repo, worktree);
    expect((await left()).filter((name) => !before.includes(name))).toEqual([]);
  });
});

describe('stageFiles', () => {
  const changes = {
    'a.txt': 'changed\n',
    'b c.txt': null,
    'new/ü.txt': 'n\n',
    'x.ign': 'i\n',
    'only/y.ign': 'i\n',
  };

  it('leaves what a commit would leave, with no reset, where it trusts the index', async () => {
    const { repo, worktree, base } = await setUp({
      'a.txt': 'a\n',
      'b c.txt': 'b\n',
      '.gitignore': '*.ign\n',
    });
    await write(worktree, changes);
    await mkdir(join(worktree, 'empty/er'), { recursive: true });
    const expected = await filesOf(repo, worktree);
    const staged = await stageFiles(repo, worktree);
    expect(staged).toEqual({ tree: expected.tree, clean: true });
    await commitTask(repo, { worktree, branch, base, ...staged, message: 'T1', date });
    // Plain `git status` may write the index, which ends the trust.
    expect(await git(worktree, '--no-optional-locks', 'status', '--porcelain')).toBe('');
    expect(await git(worktree, 'rev-parse', 'HEAD^{tree}')).toBe(expected.tree);
    expect((await readdir(worktree)).sort()).toEqual(['.git', '.gitignore', 'a.txt', 'new', 'only', 'x.ign']);
    // The next task's changes are found in the same way.
    await write(worktree, { 'a.txt': 'CHANGED\n' });
    expect(await stageFiles(repo, worktree)).toEqual({
      tree: expect.not.stringMatching(expected.tree),
      clean: true,
    });
    expect(await git(worktree, 'diff', '--cached', '--name-only')).toBe('a.txt');
  });

  it('leaves the index alone where it does not trust it, or a repository is inside', async () => {
    const { repo, worktree } = await setUp({ 'a.txt': 'a\n' });
    await write(worktree, { 'inner/b.txt': 'b\n', 'a.txt': 'c\n' });
    await git(join(worktree, 'inner'), 'init', '--quiet');
    const nested = await stageFiles(repo, worktree);
    expect(await git(repo.path, 'ls-tree', '-r', '--name-only', nested.tree)).toBe('a.txt\ninner/b.txt');
    await git(worktree, 'update-index', '--assume-unchanged', 'a.txt');
    const hidden = await stageFiles(repo, worktree);
    expect([nested, hidden]).toEqual([
      { tree: nested.tree, clean: false },
      { tree: nested.tree, clean: false },
    ]);
    expect(await git(worktree, 'diff', '--cached', '--name-only')).toBe('');
  });
});

describe('snapshot', () => {
  it('keeps files and staged state, changes nothing, and repeats itself', async () => {
    const { repo, worktree } = await setUp();
    expect(await snapshot(repo, { worktree, ref, message: 'wip' })).toBeNull();
    await write(worktree, { 'a.txt': 'staged\n' });
    await git(worktree, 'add', 'a.txt');
    await write(worktree, { 'a.txt': 'edited\n', 'untracked.txt': 'u\n', 'intent.txt': 'i\n' });
    await git(worktree, 'add', '--intent-to-add', 'intent.txt');
    const before = await clean(worktree);
    const first = await snapshot(repo, { worktree, ref, message: 'wip' });
    expect(await snapshot(repo, { worktree, ref, message: 'wip' })).toEqual(first);
    expect(await clean(worktree)).toBe(before);
    expect(await support.show(repo, `${ref}:a.txt`)).toBe('edited');
    expect(await support.show(repo, `${ref}^2:a.txt`)).toBe('staged');
    expect(await support.show(repo, `${ref}:untracked.txt`)).toBe('u');
    await write(worktree, { 'untracked.txt': 'later\n' });
    await snapshot(repo, { worktree, ref, message: 'wip' });
    expect(await isAncestor(repo, first!.commit, ref)).toBe(true);
  });

  it('keeps a merge in progress', async () => {
    const { repo, ours } = await support.conflictedPair();
    const worktree = join(repo.path, '.worktrees', branch);
    await ensureWorktree(repo, { path: worktree, branch, start: 'main' });
    await expect(git(worktree, 'merge', 'main')).rejects.toThrow();
    await snapshot(repo, { worktree, ref, message: 'wip' });
    expect(await isAncestor(repo, ours, ref)).toBe(true);
    expect(await support.show(repo, `${ref}:a.txt`)).toContain('<<<<<<<');
  });
});

describe('resetWorktree', () => {
  it('clears whatever an agent left, twice', async () => {
    const { repo, worktree, base } = await setUp({ 'a.txt': 'a\n', 'b.txt': 'b\n', '.gitignore': '*.ign\n' });
    await newBranch(repo, 'other', { 'a.txt': 'other\n' });
    await commit(worktree, 'mine', { 'a.txt': 'mine\n' });
    await expect(git(worktree, 'rebase', 'other')).rejects.toThrow('could not apply');
    await write(worktree, { 'x.ign': 'x\n', 'new.txt': 'n\n', 'b.txt': 'hidden\n' });
    await git(worktree, 'update-index', '--assume-unchanged', 'b.txt');
    await mkdir(join(worktree, 'inner'));
    await git(worktree, 'init', '--quiet', 'inner');
    const entry = join(repo.gitDir, 'worktrees', branch);
    for (const lock of ['index.lock', 'HEAD.lock', 'ORIG_HEAD.lock']) await writeFile(join(entry, lock), '');
    await writeFile(join(repo.gitDir, 'refs/heads', `${branch}.lock`), '');
    for (let time = 0; time < 2; time++) {
      await resetWorktree(repo, { worktree, branch, to: base });
      expect(await git(worktree, 'status', '--porcelain', '--branch', '--ignored')).toBe(
        `## ${branch}\n!! x.ign`,
      );
      expect(await git(worktree, 'rev-parse', branch)).toBe(base);
      expect(await git(worktree, 'hash-object', 'b.txt')).toBe(
        await git(worktree, 'rev-parse', 'HEAD:b.txt'),
      );
    }
  });
});

it('pins commits by task', async () => {
  const { repo, worktree, base } = await setUp();
  expect(await taskPins(repo)).toEqual(new Map());
  const request = { worktree, branch, base, tree: await worktreeTree(repo, worktree), message: 'T', date };
  const first = await commitTask(repo, { ...request, pin: pinRef(3) });
  expect(await commitTask(repo, { ...request, pin: pinRef(3) })).toEqual(first);
  const second = await commitTask(repo, { ...request, base: first.commit, pin: pinRef(12) });
  expect(await taskPins(repo)).toEqual(
    new Map([
      [3, first.commit],
      [12, second.commit],
    ]),
  );
  // Another's pin of the same task does not stand in the way: the branch decides.
  const again = await commitTask(repo, { ...request, message: 'again', pin: pinRef(3) });
  expect((await taskPins(repo)).get(3)).toBe(again.commit);
  expect(await git(repo.path, 'rev-parse', branch)).toBe(again.commit);
});
