import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeCommit } from '../../../git/content/commit-object';
import { commitOf, isAncestor, unlanded, treeOf } from '../../../git/content/commits';
import { gitOf, inspectRepository, openRepository } from '../../../git/repository/repository';
import { GitError } from '../../../git/process/runner';
import { commitTask, worktreeTree } from '../../../git/worktree/task-commit';
import { ensureWorktree } from '../../../git/worktree/worktrees';
import * as support from '../../support/git-repository';

const { commit, git, newRepository, write } = support;
afterAll(support.removeTemporaryFolders);

/** As a user who may only read it: root may write whatever the mode says. */
const AS_READER = `
  const { requireWritable } = require(${JSON.stringify(join(__dirname, '../../../dist/git/repository/repository'))});
  if (process.getuid() === 0) process.setuid(65534);
  requireWritable(JSON.parse(process.argv[1])).then(() => console.log('fine'), ({ name, message }) => console.log(name, message));
`;

it('says that a repository cannot be written to', async () => {
  const repo = await newRepository();
  const asReader = () => execFileSync(process.execPath, ['-e', AS_READER, JSON.stringify(repo)]).toString();
  await chmod(dirname(repo.path), 0o755);
  for (const folder of [repo.path, repo.gitDir]) await chmod(folder, 0o777);
  expect(asReader()).toBe('fine\n');
  await chmod(repo.gitDir, 0o555);
  expect(asReader()).toBe(
    `RepositoryProblem ${repo.gitDir} may not be written to: let the user that runs the worker write there\n`,
  );
  await chmod(repo.gitDir, 0o777);
  // In a repository of several users, it is whose git made the first worktree.
  const worktrees = join(repo.gitDir, 'worktrees');
  await mkdir(worktrees, { mode: 0o755 });
  expect(asReader()).toBe(
    `RepositoryProblem ${worktrees} may not be written to: let the user that runs the worker write there\n`,
  );
});

describe('inspectRepository', () => {
  it('finds checkout, identity and base branch from any folder inside', async () => {
    const repo = await newRepository({ 'deep/er/a.txt': 'a\n' });
    await git(repo.path, 'config', 'user.name', 'Ada');
    await git(repo.path, 'config', 'user.email', 'ada@example.com');
    const expected = {
      repository: { ...repo, identity: { name: 'Ada', email: 'ada@example.com' } },
      baseBranch: 'main',
      baseCommit: await git(repo.path, 'rev-parse', 'main'),
    };
    expect(await inspectRepository(join(repo.path, 'deep', 'er'))).toEqual({ ...expected, branch: 'main' });
    const linked = join(await support.temporaryFolder(), 'linked');
    await git(repo.path, 'worktree', 'add', '--quiet', '--detach', linked);
    expect(await inspectRepository(linked)).toEqual(expected);
    expect(await openRepository(expected.repository)).toEqual(expected.repository);
  });

  it('takes the branch checked out when there is no main, and a bare repository', async () => {
    const repo = await newRepository();
    await git(repo.path, 'branch', '--move', 'main', 'trunk');
    expect((await inspectRepository(repo.path)).baseBranch).toBe('trunk');
    await git(repo.path, 'tag', 'trunk');
    expect(await inspectRepository(repo.path)).toMatchObject({ baseBranch: 'trunk', branch: 'trunk' });
    await git(repo.path, 'tag', '--delete', 'trunk');
    const bare = await support.bareCloneOf(repo);
    expect((await inspectRepository(bare.path)).repository).toMatchObject({
      path: bare.path,
      gitDir: bare.path,
      bare: true,
    });
  });

  it('a repository of a newer git is none in which to run git init', async () => {
    const repo = await newRepository();
    await git(repo.path, 'config', 'core.repositoryFormatVersion', '1');
    await git(repo.path, 'config', 'extensions.ofTomorrow', 'yes');
    await expect(inspectRepository(repo.path)).rejects.toThrow(
      `${repo.path} is a repository that this git is too old for (fatal: unknown repository extension found:; oftomorrow): install`,
    );
  });

  it('says what is wrong, and what to do', async () => {
    const folder = await support.temporaryFolder();
    await expect(inspectRepository(join(folder, 'none'))).rejects.toThrow(/does not exist: give the path/);
    await expect(inspectRepository(folder)).rejects.toThrow(/is not a git repository: run git init/);
    await mkdir(join(folder, 'empty'));
    await git(folder, 'init', '--quiet', 'empty');
    await expect(inspectRepository(join(folder, 'empty'))).rejects.toThrow(
      /has no commits: make a first commit/,
    );
    const repo = await newRepository();
    await expect(inspectRepository(repo.path, { baseBranch: 'next' })).rejects.toThrow(
      /no branch next: name one.*main/,
    );
    await expect(inspectRepository(join(repo.gitDir, 'refs'))).rejects.toThrow(/inside a .git folder/);
    await git(repo.path, 'config', 'core.worktree', folder);
    await expect(inspectRepository(repo.path)).rejects.toThrow(
      `has its files in ${folder}, by core.worktree`,
    );
    await git(repo.path, 'config', '--unset', 'core.worktree');
    await git(repo.path, 'checkout', '--quiet', '--detach');
    await git(repo.path, 'branch', '--move', 'main', 'trunk');
    await expect(inspectRepository(repo.path)).rejects.toThrow(/no branch checked out: name the base branch/);
    await write(repo.gitDir, { config: '[broken\n' });
    await expect(inspectRepository(repo.path)).rejects.toThrow(
      /^git does not start \(bad config line 1.*correct that file$/,
    );
    await rename(repo.path, `${repo.path}-moved`);
    await expect(openRepository(repo)).rejects.toThrow(/is gone/);
  });
});

describe('commits', () => {
  it('knows what has landed also where clocks differed', async () => {
    const repo = await newRepository();
    const tree = await treeOf(repo, 'main');
    const make = (date: string, parents: string[]) =>
      writeCommit(repo, { tree, parents, message: `of ${date}`, date });
    const first = await make('2039-01-01T00:00:00Z', []);
    const landed = await make('2039-01-02T00:00:00Z', [first]);
    let tip = landed;
    for (let day = 10; day < 25; day++) tip = await make(`2026-01-${day}T00:00:00Z`, [tip]);
    expect(await unlanded(repo, [landed], [tip])).toEqual({ unlanded: new Set(), missing: new Set() });
    expect((await unlanded(repo, [tip], [landed])).unlanded).toEqual(new Set([tip]));
  });

  it('tells apart landed, unlanded and missing ones, thousands at once', async () => {
    const repo = await newRepository();
    const landed = await git(repo.path, 'rev-parse', 'main');
    const open = await support.newBranch(repo, 'epic', { b: 'b' });
    const missing = 'f'.repeat(40);
    const sides = { unlanded: new Set([open]), missing: new Set<string>() };
    expect(await unlanded(repo, [landed, open], ['main'])).toEqual(sides);
    const many = Array.from({ length: 5000 }, () => landed);
    const all = await unlanded(repo, [...many, open, missing], ['main']);
    expect(all).toEqual({ unlanded: new Set([open]), missing: new Set([missing]) });
    expect(await unlanded(repo, [missing], ['main'])).toEqual({
      unlanded: new Set(),
      missing: new Set([missing]),
    });
    expect(await unlanded(repo, [], ['main'])).toEqual({ unlanded: new Set(), missing: new Set() });
    expect(await commitOf(repo, 'nothing')).toBeNull();
    expect(await isAncestor(repo, landed, open)).toBe(true);
    expect(await isAncestor(repo, open, landed)).toBe(false);
    await expect(isAncestor(repo, missing, landed)).rejects.toThrow(GitError);
  });
});

describe('the runner', () => {
  it('says in one line what failed, and stops when cancelled', async () => {
    const repo = await newRepository();
    await expect(gitOf(repo).run(['rev-parse', '--verify', 'nope'])).rejects.toThrow(
      /^git rev-parse --verify nope failed \(128\): fatal: Needed a single revision$/,
    );
    const cancelled = gitOf({ ...repo, signal: AbortSignal.abort() });
    await expect(cancelled.run(['version'])).rejects.toThrow('was cancelled');
    const controller = new AbortController();
    const waiting = gitOf({ ...repo, signal: controller.signal }).start(['cat-file', '--batch']);
    (await waiting).stdin.end();
    await expect(
      gitOf(repo).run(['cat-file', '--batch'], { timeLimitMs: 0, input: 'x\n'.repeat(1e6) }),
    ).rejects.toThrow('took too long');
  });
});

it('works with SHA-256 object ids', async () => {
  const repo = await newRepository({ a: 'a' }, '--object-format=sha256');
  const worktree = join(repo.path, '.worktrees', 'epic-1-x');
  const { head: base } = await ensureWorktree(repo, { path: worktree, branch: 'epic-1-x', start: 'main' });
  await support.write(worktree, { b: 'b' });
  const tree = await worktreeTree(repo, worktree);
  const request = { worktree, branch: 'epic-1-x', base, tree, message: 'T1', date: '2026-01-01T00:00:00Z' };
  const { commit: made } = await commitTask(repo, request);
  expect(made).toHaveLength(64);
  await commit(repo.path, 'more');
  await rm(worktree, { recursive: true });
});
