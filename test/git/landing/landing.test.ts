import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { exists } from '../../../git/repository/exists';
import {
  land,
  landedTips,
  landFastForward,
  prepareStack,
  repairLanding,
  stackBase,
} from '../../../git/landing/landing';
import type { Candidate } from '../../../git/landing/landing';
import { lookAtBase, rememberBase } from '../../../git/landing/rewritten';
import { inspectRepository, type Repository } from '../../../git/repository/repository';
import * as support from '../../support/git-repository';
import { prepareLanding } from '../../support/landing';
import { describeWithDisk, titleWithDisk } from '../../support/small-disk';

const { commit, git, newBranch, newRepository, write } = support;
afterAll(support.removeTemporaryFolders);

const execute = promisify(execFile);

const date = '2026-01-02T03:04:05Z';
const request = (head: string, strategy: 'regular' | 'squash' = 'regular') => ({
  baseBranch: 'main',
  head,
  strategy,
  message: `Land ${head}`,
  date,
});

async function candidateFor(
  repo: Repository,
  head: string,
  strategy?: 'regular' | 'squash',
): Promise<Candidate> {
  const prepared = await prepareLanding(repo, request(head, strategy));
  if (prepared.kind !== 'candidate') throw new Error(`expected a candidate, got ${JSON.stringify(prepared)}`);
  return prepared;
}

const landIt = async (repo: Repository, head: string, strategy?: 'regular' | 'squash') =>
  land(repo, { baseBranch: 'main', candidate: await candidateFor(repo, head, strategy) });

const status = (repo: Repository) => git(repo.path, 'status', '--porcelain', '--ignored');

describe('a regular landing', () => {
  it('makes a merge commit with the base first, and moves the checkout along', async () => {
    const repo = await newRepository();
    const base = await git(repo.path, 'rev-parse', 'main');
    const epic = await newBranch(repo, 'epic-1-x', { 'new file.txt': 'new\n', 'a.txt': '1\n2\n3\n4\n' });
    const result = await landIt(repo, 'epic-1-x');
    const tip = await git(repo.path, 'rev-parse', 'main');
    expect(result).toEqual({ kind: 'landed', commit: tip });
    expect(await git(repo.path, 'show', '-s', '--format=%P|%s|%cI', 'main')).toBe(
      `${base} ${epic}|Land epic-1-x|2026-01-02T03:04:05+00:00`,
    );
    expect(await readFile(join(repo.path, 'new file.txt'), 'utf8')).toBe('new\n');
    expect(await status(repo)).toBe('');
    expect(await prepareLanding(repo, request('epic-1-x'))).toEqual({ kind: 'nothing', landed: tip });
  });

  it('gives the same candidate again', async () => {
    const repo = await newRepository();
    await newBranch(repo, 'epic-1-x', { b: 'b' });
    expect(await candidateFor(repo, 'epic-1-x')).toEqual(await candidateFor(repo, 'epic-1-x'));
  });

  it('notices that the base branch moved', async () => {
    const repo = await newRepository();
    await newBranch(repo, 'epic-1-x', { b: 'b' });
    const candidate = await candidateFor(repo, 'epic-1-x');
    const tip = await commit(repo.path, 'by the user', { c: 'c' });
    expect(await land(repo, { baseBranch: 'main', candidate })).toEqual({ kind: 'moved' });
    expect(await git(repo.path, 'rev-parse', 'main')).toBe(tip);
  });

  it('takes a checkout along that was left behind when somebody moved its branch from elsewhere', async () => {
    const repo = await newRepository();
    await newBranch(repo, 'epic-1-x', { b: 'b' });
    const linked = join(await support.temporaryFolder(), 'linked');
    await git(repo.path, 'worktree', 'add', '--quiet', linked, 'epic-1-x');
    await commit(linked, 'an agent', { 'a.txt': '1\n', c: 'c' });
    await git(linked, 'update-ref', 'refs/heads/main', 'HEAD');
    expect(await status(repo)).toBe('M  a.txt\nD  b\nD  c');
    await write(repo.path, { 'a.txt': 'mine\n' });
    await newBranch(repo, 'epic-2-y', { d: 'd' });
    const blocked = await landIt(repo, 'epic-2-y');
    expect(blocked).toMatchObject({
      kind: 'blocked',
      files: ['a.txt'],
      reason: expect.stringContaining('main was moved from elsewhere'),
    });
    expect(await readFile(join(repo.path, 'a.txt'), 'utf8')).toBe('mine\n');
    await git(repo.path, 'checkout-index', '--force', 'a.txt');
    expect((await landIt(repo, 'epic-2-y')).kind).toBe('landed');
    expect(await status(repo)).toBe('');
    expect(await git(repo.path, 'ls-files')).toBe('a.txt\nb\nc\nd');
  });

  it('leaves what the user has staged, though it undoes the latest commit', async () => {
    const repo = await newRepository();
    const start = await git(repo.path, 'rev-parse', 'main');
    await commit(repo.path, 'by the user', { c: 'c' });
    await git(repo.path, 'rm', '--quiet', 'c');
    expect(await git(repo.path, 'diff-index', '--cached', start)).toBe('');
    await newBranch(repo, 'epic-1-x', { b: 'b' });
    expect((await landIt(repo, 'epic-1-x')).kind).toBe('landed');
    expect(await status(repo)).toBe('D  c');
  });

  it('moves only the branch when another one is checked out, and in a bare repository', async () => {
    const repo = await newRepository();
    await newBranch(repo, 'epic-1-x', { b: 'b' });
    const bare = await support.bareCloneOf(repo);
    await git(repo.path, 'checkout', '--quiet', '-b', 'mine');
    expect((await landIt(repo, 'epic-1-x')).kind).toBe('landed');
    expect((await landIt(bare, 'epic-1-x')).kind).toBe('landed');
    expect(await git(repo.path, 'ls-files')).toBe('a.txt');
    expect(await git(repo.path, 'ls-tree', '--name-only', 'main')).toBe('a.txt\nb');
    expect(await git(bare.path, 'ls-tree', '--name-only', 'main')).toBe('a.txt\nb');
  });

  it('waits while the user is checking it out, and not for a lock that was left behind', async () => {
    const repo = await newRepository({
      'a.txt': 'a\n',
      's.txt': 's\n',
      '.gitattributes': 's.txt filter=slow\n',
    });
    await git(repo.path, 'checkout', '--quiet', '-b', 'mine');
    await commit(repo.path, 'mine', { 's.txt': 'other\n' });
    await newBranch(repo, 'epic-1-x', { 'a.txt': 'epic\n' });
    const candidate = await candidateFor(repo, 'epic-1-x');
    const [begun, go] = [join(repo.gitDir, 'begun'), join(repo.gitDir, 'go')];
    const slow = `touch '${begun}'; until [ -e '${go}' ]; do sleep 0.05; done; cat`;
    await git(repo.path, 'config', 'filter.slow.smudge', slow);
    const switched = git(repo.path, 'checkout', '--quiet', 'main');
    while (!(await exists(begun))) await delay(20);
    const attempt = await land(repo, { baseBranch: 'main', candidate });
    await writeFile(go, '');
    await switched;
    expect(await git(repo.path, 'status', '--porcelain')).toBe('');
    expect(attempt).toMatchObject({ kind: 'blocked', busy: true });

    await git(repo.path, 'checkout', '--quiet', 'mine');
    await writeFile(join(repo.gitDir, 'index.lock'), '');
    expect(await land(repo, { baseBranch: 'main', candidate })).toMatchObject({ kind: 'landed' });
  });

  it('goes on while a locked worktree is away with its disk, and says so where the base branch is on it', async () => {
    const repo = await newRepository();
    await newBranch(repo, 'epic-1-x', { b: 'b' });
    const candidate = await candidateFor(repo, 'epic-1-x');
    await git(repo.path, 'checkout', '--quiet', '-b', 'mine');
    const disk = join(await support.temporaryFolder(), 'disk');
    await git(repo.path, 'worktree', 'add', '--quiet', '--lock', disk, 'main');
    await rename(disk, `${disk}-away`);
    expect(await land(repo, { baseBranch: 'main', candidate })).toMatchObject({
      kind: 'blocked',
      reason: expect.stringContaining(`main is checked out in ${disk}, which is away`),
    });
    await rename(`${disk}-away`, disk);
    await git(disk, 'checkout', '--quiet', '--detach');
    await rename(disk, `${disk}-away`);
    expect(await land(repo, { baseBranch: 'main', candidate })).toMatchObject({ kind: 'landed' });
  });

  it.each(['regular', 'squash'] as const)(
    '%s: a base branch may be named like a folder of an earlier one',
    async (strategy) => {
      const repo = await newRepository();
      for (const baseBranch of ['night', 'night/2', 'night/2%2F']) {
        await git(repo.path, 'branch', baseBranch);
        await newBranch(repo, `epic-of-${baseBranch.length}`, { b: baseBranch });
        const prepared = await prepareLanding(repo, {
          ...request(`epic-of-${baseBranch.length}`, strategy),
          baseBranch,
        });
        const landed = await land(repo, { baseBranch, candidate: prepared as Candidate });
        const tip = await git(repo.path, 'rev-parse', baseBranch);
        expect(landed).toEqual({ kind: 'landed', commit: tip });
        await rememberBase(repo, baseBranch, tip);
        expect(await lookAtBase(repo, baseBranch)).toEqual({ is: tip, rewritten: null });
        if (baseBranch === 'night') await git(repo.path, 'branch', '--quiet', '-D', baseBranch);
      }
    },
  );

  it('of two epics that have made the same change is a merge of each', async () => {
    const repo = await newRepository();
    await newBranch(repo, 'epic-1-x', { b: 'b' });
    const second = await newBranch(repo, 'epic-2-y', { b: 'b' });
    const members = ['epic-1-x', 'epic-2-y'].map((head) => ({ head, message: `Land ${head}` }));
    const stack = { baseBranch: 'main', strategy: 'regular' as const, date, members };
    const { candidate } = await prepareStack(repo, await stackBase(repo, stack), stack);
    const parents = (await git(repo.path, 'show', '-s', '--format=%P', candidate!.base.new)).split(' ');
    expect(parents).toEqual([expect.stringMatching(/^[0-9a-f]+$/), second]);
    expect(await git(repo.path, 'show', '-s', '--format=%s', parents[0]!)).toBe('Land epic-1-x');
  });

  it('leaves out of a stack what conflicts only with the others of it', async () => {
    const repo = await newRepository();
    const head = await newBranch(repo, 'epic-1-x', { 'a.txt': '1\nx\n3\n' });
    await newBranch(repo, 'epic-2-y', { 'a.txt': '1\ny\n3\n' });
    const members = ['epic-1-x', 'epic-2-y'].map((one) => ({ head: one, message: `Land ${one}` }));
    const stack = { baseBranch: 'main', strategy: 'regular' as const, date, members };
    const made = await prepareStack(repo, await stackBase(repo, stack), stack);
    expect(made.members).toMatchObject([{ kind: 'merged' }, { kind: 'deferred' }]);
    expect(await git(repo.path, 'rev-parse', `${made.candidate!.base.new}^2`)).toBe(head);
  });

  it('is not made up by a graft', async () => {
    const repo = await newRepository();
    const epic = await newBranch(repo, 'epic-1-x', { b: 'b' });
    await write(repo.gitDir, { 'info/grafts': `${await git(repo.path, 'rev-parse', 'main')} ${epic}\n` });
    expect(await prepareLanding(repo, request('epic-1-x'))).toMatchObject({ kind: 'candidate' });
  });

  it('reports a conflict as data', async () => {
    const { repo, ours, theirs } = await support.conflictedPair();
    expect(await prepareLanding(repo, request('epic-1-x'))).toEqual({
      kind: 'conflict',
      conflict: { during: 'landing', files: [{ path: 'a.txt', kind: 'contents' }], ours, theirs },
    });
  });
});

describe("the user's own files", () => {
  const files = { 'a.txt': '1\n2\n3\n', 'b.txt': 'b\n', '.gitignore': '*.ign\n' };
  const setUp = async (change: support.Files) => {
    const repo = await newRepository(files);
    await newBranch(repo, 'epic-1-x', change);
    return repo;
  };

  it('stay when they do not overlap: edited, staged, untracked, ignored', async () => {
    const repo = await setUp({ 'a.txt': 'epic\n', new: 'new\n' });
    await write(repo.path, {
      'b.txt': 'edited\n',
      'staged.txt': 's\n',
      'untracked.txt': 'u\n',
      'x.ign': 'i\n',
    });
    await git(repo.path, 'add', 'staged.txt');
    expect((await landIt(repo, 'epic-1-x')).kind).toBe('landed');
    expect((await git(repo.path, 'status', '--porcelain', '--ignored')).split('\n').sort()).toEqual(
      ['!! x.ign', '?? untracked.txt', 'A  staged.txt', 'M b.txt'].sort(),
    );
    expect(await readFile(join(repo.path, 'a.txt'), 'utf8')).toBe('epic\n');
  });

  const cases: [string, support.Files, (repo: Repository) => Promise<unknown>, string[]][] = [
    ['an edited file', { 'a.txt': 'epic\n' }, (r) => write(r.path, { 'a.txt': 'mine\n' }), ['a.txt']],
    [
      'a staged file',
      { 'a.txt': 'epic\n' },
      async (r) => (await write(r.path, { 'a.txt': 'mine\n' }), git(r.path, 'add', '.')),
      ['a.txt'],
    ],
    [
      'an untracked file',
      { 'n w.txt': 'epic\n' },
      (r) => write(r.path, { 'n w.txt': 'mine\n' }),
      ['n w.txt'],
    ],
    [
      'an ignored file',
      { 'x.ign': 'epic\n', '.gitignore': '# none\n' },
      (r) => write(r.path, { 'x.ign': 'mine\n' }),
      ['x.ign'],
    ],
    ['a file where a folder must be', { 'd/e': 'epic\n' }, (r) => write(r.path, { d: 'mine\n' }), ['d']],
    [
      'an ignored symbolic link where a folder must be',
      { 'd.ign/e': 'epic\n', '.gitignore': '# none\n' },
      async (r) => (await mkdir(join(r.path, '..', 'away')), symlink('../away', join(r.path, 'd.ign'))),
      ['d.ign'],
    ],
    ['a folder where a file must be', { d: 'epic\n' }, (r) => write(r.path, { 'd/e': 'mine\n' }), ['d/e']],
    [
      'a name with a line break',
      { 'line\nbreak': 'epic\n' },
      (r) => write(r.path, { 'line\nbreak': 'mine\n' }),
      ['line\nbreak'],
    ],
    ['a deleted file', { 'a.txt': 'epic\n' }, (r) => write(r.path, { 'a.txt': null }), ['a.txt']],
    [
      'an edited file that is as it is to be',
      { 'a.txt': 'epic\n', 'b.txt': 'epic\n' },
      (r) => write(r.path, { 'a.txt': 'epic\n' }),
      ['a.txt'],
    ],
    [
      'the beginning of a file',
      { 'new.txt': '1\n2\n' },
      (r) => write(r.path, { 'new.txt': '1\n' }),
      ['new.txt'],
    ],
    [
      'a trial of the work itself',
      { 'a.txt': 'epic\n', 'b.txt': null, 'new.txt': 'new\n' },
      (r) => git(r.path, 'restore', '--source', 'epic-1-x', '.'),
      ['new.txt'],
    ],
    [
      'a staged trial of the work itself',
      { 'a.txt': 'epic\n', 'b.txt': null, 'new.txt': 'new\n' },
      (r) => git(r.path, 'merge', '--quiet', '--squash', 'epic-1-x'),
      ['new.txt'],
    ],
    ...(['skip-worktree', 'assume-unchanged'] as const).map((flag): (typeof cases)[number] => [
      `an edit hidden by ${flag}`,
      { 'a.txt': 'epic\n', 'b.txt': 'epic\n' },
      async (r) => {
        await git(r.path, 'update-index', `--${flag}`, 'a.txt', 'b.txt');
        await write(r.path, { 'a.txt': 'mine\n' });
      },
      ['a.txt'],
    ]),
  ];
  it.each(cases)('block when they overlap: %s', async (_, change, prepare, named) => {
    const repo = await setUp(change);
    await prepare(repo);
    const before = [await status(repo), await git(repo.path, 'rev-parse', 'main')];
    const result = await landIt(repo, 'epic-1-x');
    expect(result).toMatchObject({
      kind: 'blocked',
      files: named,
      reason: expect.stringContaining(repo.path),
    });
    expect([await status(repo), await git(repo.path, 'rev-parse', 'main')]).toEqual(before);
  });

  it('only stat-dirty files do not block', async () => {
    const repo = await setUp({ 'a.txt': 'epic\n' });
    await write(repo.path, { 'a.txt': '1\n2\n3\n' });
    expect((await landIt(repo, 'epic-1-x')).kind).toBe('landed');
    expect(await status(repo)).toBe('');
  });

  it('block with a merge in progress, a rebase of the base, a second checkout and a lock', async () => {
    const repo = await setUp({ 'b.txt': 'epic\n' });
    const candidate = await candidateFor(repo, 'epic-1-x');
    const attempt = () => land(repo, { baseBranch: 'main', candidate });
    await newBranch(repo, 'other', { 'a.txt': 'other\n' });
    await git(repo.path, 'merge', '--no-commit', '--no-ff', 'other');
    expect(await attempt()).toMatchObject({ kind: 'blocked', reason: expect.stringContaining('a merge') });
    await git(repo.path, 'merge', '--abort');

    await writeFile(join(repo.gitDir, 'index.lock'), '');
    expect(await attempt()).toMatchObject({ kind: 'blocked', reason: expect.stringContaining('index.lock') });
    await write(repo.gitDir, { 'index.lock': null });

    for (const lock of ['refs/heads/main.lock', 'HEAD.lock'].map((name) => join(repo.gitDir, name))) {
      await writeFile(lock, '');
      const reason = `another git command holds main (if not, delete ${lock})`;
      expect(await attempt()).toMatchObject({ kind: 'blocked', reason, busy: true });
      expect(await git(repo.path, 'rev-parse', 'main')).toBe(candidate.base.old);
      await rm(lock);
    }

    const second = join(await support.temporaryFolder(), 'second');
    await git(repo.path, 'worktree', 'add', '--quiet', '--force', second, 'main');
    expect(await attempt()).toMatchObject({
      kind: 'blocked',
      reason: expect.stringContaining('more than once'),
    });
    await git(repo.path, 'worktree', 'remove', '--force', second);
    expect((await attempt()).kind).toBe('landed');
  });

  it('block where a link has taken the place of their folder, which git would replace', async () => {
    const repo = await newRepository({ 'd/e': '1\n', 'd/f': '1\n' });
    await newBranch(repo, 'epic-1-x', { 'd/e': 'epic\n' });
    const elsewhere = join(await support.temporaryFolder(), 'd');
    await rename(join(repo.path, 'd'), elsewhere);
    await symlink(elsewhere, join(repo.path, 'd'));
    expect(await landIt(repo, 'epic-1-x')).toMatchObject({ kind: 'blocked', files: ['d'] });
    expect(await readFile(join(repo.path, 'd/f'), 'utf8')).toBe('1\n');
    expect(await readFile(join(elsewhere, 'e'), 'utf8')).toBe('1\n');
  });

  it('move along whatever they are called', async () => {
    const names = ['Icon\r', 'quo"te', 'back\\slash', 'line\nbreak', ' '];
    const all = (content: string) => Object.fromEntries(names.map((name) => [name, content]));
    const repo = await newRepository(all('1\n'));
    await newBranch(repo, 'epic-1-x', all('epic\n'));
    expect((await landIt(repo, 'epic-1-x')).kind).toBe('landed');
    expect(await status(repo)).toBe('');
    await newBranch(repo, 'epic-2-y', all('epic 2\n'));
    await write(repo.path, { 'Icon\r': 'mine\n' });
    expect(await landIt(repo, 'epic-2-y')).toMatchObject({ kind: 'blocked', files: ['Icon\r'] });
  });

  it('block while main is being rebased', async () => {
    const repo = await setUp({ 'b.txt': 'epic\n' });
    const candidate = await candidateFor(repo, 'epic-1-x');
    await newBranch(repo, 'other', { 'a.txt': 'other\n' });
    const main = await commit(repo.path, 'mine', { 'a.txt': 'mine\n' });
    await expect(git(repo.path, 'rebase', 'other')).rejects.toThrow('could not apply');
    const moved: Candidate = { ...candidate, base: { old: main, new: candidate.base.new } };
    expect(await land(repo, { baseBranch: 'main', candidate: moved })).toMatchObject({
      kind: 'blocked',
      reason: expect.stringContaining('rebase of main'),
    });
  });
});

it('waits for no lock on its branch that a git left which is gone', async () => {
  const repo = await newRepository();
  for (const lock of ['refs/heads/main.lock', 'HEAD.lock'].map((name) => join(repo.gitDir, name))) {
    await newBranch(repo, 'epic', { b: lock });
    await writeFile(lock, '');
    const then = Date.now() / 1000 - 120;
    await utimes(lock, then, then);
    expect((await landIt(repo, 'epic')).kind).toBe('landed');
    await git(repo.path, 'branch', '-D', 'epic');
  }
  expect(await status(repo)).toBe('');
});

it('has happened where git moved the branch and was killed before it said so', async () => {
  const repo = await newRepository();
  const before = await git(repo.path, 'rev-parse', 'main');
  await newBranch(repo, 'epic-1-x', { 'a.txt': 'epic\n' });
  const candidate = await candidateFor(repo, 'epic-1-x');
  const folder = await support.temporaryFolder();
  const { PATH } = process.env;
  const killed = `case "$*" in *'--stdin -m yokeflow: land') ;; *) PATH='${PATH}' exec git "$@";; esac
    PATH='${PATH}' git "$@" | while read -r line; do
      if [ "$line" = 'commit: ok' ]; then kill -9 $$; exit; fi
      echo "$line"
    done`;
  await writeFile(join(folder, 'git'), `#!/bin/sh\n${killed}\n`, { mode: 0o755 });
  process.env.PATH = `${folder}:${PATH}`;
  try {
    expect((await land(repo, { baseBranch: 'main', candidate })).kind).toBe('landed');
  } finally {
    process.env.PATH = PATH;
  }
  expect(await git(repo.path, 'rev-parse', 'main~1')).toBe(before);
  expect([await status(repo), await readFile(join(repo.path, 'a.txt'), 'utf8')]).toEqual(['', 'epic\n']);
  expect(await repairLanding(repo, { baseBranch: 'main' })).toBeNull();
});

it('moves the branch that another name stands for, and the checkout that is on that name', async () => {
  const repo = await newRepository();
  await git(repo.path, 'branch', '-m', 'main', 'master');
  await git(repo.path, 'symbolic-ref', 'refs/heads/main', 'refs/heads/master');
  await newBranch(repo, 'epic-1-x', { b: 'b' });
  const { baseBranch } = await inspectRepository(repo.path);
  expect(baseBranch).toBe('master');
  for (const [name, head] of Object.entries({ main: 'epic-1-x', master: 'epic-2-y' })) {
    await git(repo.path, 'symbolic-ref', 'HEAD', `refs/heads/${name}`);
    await newBranch(repo, 'epic-2-y', { c: name }, 'master').catch(() => undefined);
    const prepared = await prepareLanding(repo, { ...request(head), baseBranch });
    if (prepared.kind !== 'candidate') throw new Error(prepared.kind);
    expect(await land(repo, { baseBranch, candidate: prepared })).toMatchObject({ kind: 'landed' });
    expect(await status(repo)).toBe('');
  }
});

describe('a fast-forward', () => {
  it('lands linearly, repeats itself, and refuses when main went elsewhere', async () => {
    const repo = await newRepository();
    const tip = await newBranch(repo, 'yokeflow-sequential', { b: 'b' });
    for (let time = 0; time < 2; time++) {
      expect(await landFastForward(repo, { baseBranch: 'main', commit: tip })).toEqual({
        kind: 'landed',
        commit: tip,
      });
    }
    const other = await newBranch(repo, 'other', { c: 'c' }, 'main~1');
    expect(await landFastForward(repo, { baseBranch: 'main', commit: other })).toEqual({ kind: 'moved' });
    expect(await landedTips(repo, { baseBranch: 'main' })).toEqual([tip]);
    expect(await repairLanding(repo, { baseBranch: 'main' })).toBeNull();
  });
});

describeWithDisk(titleWithDisk('a checkout on a small disk'), () => {
  it('that is full: nothing of the landing is left there, and what git could not write is named, not called an edit', async () => {
    const repo = await newRepository();
    await git(repo.path, 'switch', '--quiet', '--detach');
    const checkout = await support.temporaryFolder();
    await execute('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', checkout]);
    try {
      await git(repo.path, 'worktree', 'add', '--quiet', '--force', `${checkout}/main`, 'main');
      const before = await git(repo.path, 'rev-parse', 'main');
      await newBranch(repo, 'epic-1-x', { 'a-new.txt': 'new\n', 'big.bin': 'x'.repeat(2_000_000) }, 'main');
      const result = await landIt(repo, 'epic-1-x');
      const reason = expect.stringMatching(
        /^git cannot write in .*\/main, whose disk may be full: .*big\.bin/,
      );
      expect(result).toMatchObject({ kind: 'blocked', reason, files: [] });
      expect(await git(repo.path, 'rev-parse', 'main')).toBe(before);
      expect(await git(`${checkout}/main`, 'status', '--porcelain')).toBe('');
      await execute('mount', ['-o', 'remount,size=8m', checkout]);
      expect(await landIt(repo, 'epic-1-x')).toMatchObject({ kind: 'landed' });
    } finally {
      await execute('umount', ['--lazy', checkout]);
    }
  });
});
