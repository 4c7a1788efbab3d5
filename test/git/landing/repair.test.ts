import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { land, repairLanding } from '../../../git/landing/landing';
import type { Candidate } from '../../../git/landing/landing';
import { integrationRef, landingRef } from '../../../git/landing/integration';
import { commitOf } from '../../../git/content/commits';
import type { Journal } from '../../../git/refs/journal';
import { identify, nameOf } from '../../../processes/identity';
import type { Repository } from '../../../git/repository/repository';
import * as support from '../../support/git-repository';
import { writeProgram } from '../../support/program';
import { prepareLanding } from '../../support/landing';

const { commit, git, newBranch, newRepository, write } = support;
afterAll(support.removeTemporaryFolders);

const execute = promisify(execFile);

const baseBranch = 'main';

async function prepare(repo: Repository, strategy: 'regular' | 'squash' = 'regular'): Promise<Candidate> {
  const date = '2026-01-02T03:04:05Z';
  const prepared = await prepareLanding(repo, {
    baseBranch,
    head: 'epic-1-x',
    strategy,
    message: 'Land',
    date,
  });
  if (prepared.kind !== 'candidate') throw new Error('expected a candidate');
  return prepared;
}

/** The identity of a process that has ended. */
async function deadOwner(): Promise<string> {
  const child = spawn('sleep', ['60']);
  const identity = await identify(child.pid!);
  child.kill('SIGKILL');
  await once(child, 'close');
  return nameOf(identity!);
}

async function writeJournal(
  repo: Repository,
  { base: { old: from, new: to } }: Pick<Candidate, 'base'>,
  owner: string,
  more: Partial<Journal> = {},
): Promise<void> {
  await mkdir(join(repo.gitDir, 'yokeflow'), { recursive: true });
  const journal: Journal = {
    ...{ owner, baseBranch, from, to, checkout: repo.path, theirs: [], behind: false },
    ...more,
  };
  await writeFile(join(repo.gitDir, 'yokeflow', 'advance-main.json'), JSON.stringify(journal));
}

const LOCKS = ['refs/heads/main.lock', 'HEAD.lock', 'index.lock'];

async function setUp() {
  const repo = await newRepository({ 'a.txt': '1\n2\n3\n', 'b.txt': 'b\n', 'gone/x.txt': 'x\n' });
  await newBranch(repo, 'epic-1-x', {
    'a.txt': 'a new and longer text\n',
    'b.txt': 'b2\n',
    'gone/x.txt': null,
    'n w/line\nbreak': 'new\n',
  });
  return { repo, candidate: await prepare(repo) };
}

type SetUp = Awaited<ReturnType<typeof setUp>>;

/** What a kill at different moments leaves, written out. */
const kills: [string, (at: SetUp) => Promise<unknown>][] = [
  ['before anything', async () => undefined],
  [
    'with all locks held',
    ({ repo }) => Promise.all(LOCKS.map((lock) => writeFile(join(repo.gitDir, lock), ''))),
  ],
  [
    'with half of the files written',
    async ({ repo }) => {
      await write(repo.path, { 'n w/line\nbreak': 'new\n', 'b.txt': 'b2\n', 'gone/x.txt': null });
      await writeFile(join(repo.gitDir, 'index.lock'), 'half an index');
    },
  ],
  ['with a half-written file', ({ repo }) => write(repo.path, { 'a.txt': 'a new and' })],
  ['between removing and writing a file', ({ repo }) => write(repo.path, { 'a.txt': null, 'b.txt': 'b2\n' })],
  [
    'with files and index complete and the branch not moved',
    async ({ repo, candidate }) => {
      await git(repo.path, 'read-tree', '-m', '-u', candidate.base.old, candidate.base.new);
      await writeFile(join(repo.gitDir, 'refs/heads/main.lock'), candidate.base.new);
      await writeFile(join(repo.gitDir, 'HEAD.lock'), '');
    },
  ],
];

describe('a landing whose worker was killed', () => {
  it.each(kills)('%s: repaired, and lands on the next try', async (_, kill) => {
    const at = await setUp();
    const { repo, candidate } = at;
    await kill(at);
    await writeJournal(repo, candidate, await deadOwner());
    expect(await repairLanding(repo, { baseBranch })).toBeNull();
    expect(await git(repo.path, 'status', '--porcelain')).toBe('');
    expect(await git(repo.path, 'rev-parse', 'main')).toBe(candidate.base.old);
    expect(await readdir(join(repo.gitDir, 'yokeflow'))).toEqual([]);
    expect((await land(repo, { baseBranch, candidate })).kind).toBe('landed');
    expect(await git(repo.path, 'status', '--porcelain')).toBe('');
  });

  it('keeps what the user edited meanwhile, and names it', async () => {
    const at = await setUp();
    const { repo, candidate } = at;
    await write(repo.path, { 'b.txt': 'b2\n', 'a.txt': 'my own words\n' });
    await writeJournal(repo, candidate, await deadOwner());
    expect(await land(repo, { baseBranch, candidate })).toMatchObject({ kind: 'blocked', files: ['a.txt'] });
    expect(await readFile(join(repo.path, 'a.txt'), 'utf8')).toBe('my own words\n');
    await git(repo.path, 'checkout', '--quiet', 'a.txt');
    expect((await land(repo, { baseBranch, candidate })).kind).toBe('landed');
  });

  it('leaves alone what the user had there before, though it is as it was to be', async () => {
    const { repo, candidate } = await setUp();
    await write(repo.path, { 'b.txt': 'b2\n', 'a.txt': 'a new and', 'gone/x.txt': null });
    await writeJournal(repo, candidate, await deadOwner(), { theirs: ['b.txt'] });
    expect(await repairLanding(repo, { baseBranch })).toBeNull();
    expect(await git(repo.path, 'status', '--porcelain')).toBe('M b.txt');
    expect(await readFile(join(repo.path, 'b.txt'), 'utf8')).toBe('b2\n');
  });

  it('leaves a sparse checkout sparse', async () => {
    const repo = await newRepository({ 'a/x': '1\n', 'b/x': '1\n' });
    await newBranch(repo, 'epic-1-x', { 'a/x': '2\n', 'b/x': '2\n' });
    await git(repo.path, 'sparse-checkout', 'set', 'a');
    const candidate = await prepare(repo);
    await git(repo.path, 'read-tree', '-m', '-u', candidate.base.old, candidate.base.new);
    await writeJournal(repo, candidate, await deadOwner());
    expect(await repairLanding(repo, { baseBranch })).toBeNull();
    expect(await git(repo.path, 'status', '--porcelain')).toBe('');
    expect(await git(repo.path, 'ls-files', '-t')).toBe('H a/x\nS b/x');
    expect(await readdir(repo.path)).not.toContain('b');
  });

  it.each(['half of the files', 'all of it'])(
    'while a checkout followed its branch, with %s: it follows on the next try',
    async (done) => {
      const repo = await newRepository({ 'a.txt': '1\n', 'b.txt': '1\n' });
      const linked = join(await support.temporaryFolder(), 'linked');
      await git(repo.path, 'worktree', 'add', '--quiet', '-b', 'agent', linked);
      const old = await git(repo.path, 'rev-parse', 'main');
      const tip = await commit(linked, 'an agent', { 'a.txt': '2\n', 'b.txt': '2\n' });
      await git(linked, 'update-ref', 'refs/heads/main', 'HEAD');
      await newBranch(repo, 'epic-1-x', { c: 'c' });
      const candidate = await prepare(repo);
      if (done === 'all of it') await git(repo.path, 'read-tree', '-m', '-u', old, tip);
      else await write(repo.path, { 'a.txt': '2\n' });
      await writeJournal(repo, { base: { old, new: tip } }, await deadOwner(), { behind: true });
      expect(await land(repo, { baseBranch, candidate })).toMatchObject({ kind: 'landed' });
      expect(await git(repo.path, 'status', '--porcelain')).toBe('');
    },
  );

  it('is the end of it when the branch had moved already', async () => {
    const { repo, candidate } = await setUp();
    expect((await land(repo, { baseBranch, candidate })).kind).toBe('landed');
    await writeJournal(repo, candidate, await deadOwner());
    await writeFile(join(repo.gitDir, 'HEAD.lock'), '');
    expect(await repairLanding(repo, { baseBranch })).toBeNull();
    expect(await readdir(repo.gitDir)).not.toContain('HEAD.lock');
    expect(await git(repo.path, 'rev-parse', 'main')).toBe(candidate.base.new);
  });

  it('waits for a git of the user that runs there', async () => {
    const { repo, candidate } = await setUp();
    await writeJournal(repo, candidate, await deadOwner());
    await writeFile(join(repo.gitDir, 'index.lock'), '');
    const child = spawn('git', ['cat-file', '--batch'], { cwd: repo.path });
    await once(child, 'spawn');
    const reason = `a git command is running in ${repo.path}: wait for it to end`;
    expect(await land(repo, { baseBranch, candidate })).toMatchObject({
      kind: 'blocked',
      reason,
      busy: true,
    });
    child.kill();
    await once(child, 'close');
    expect((await land(repo, { baseBranch, candidate })).kind).toBe('landed');
  });

  it('names files that were left behind under commits of the user', async () => {
    const { repo, candidate } = await setUp();
    await write(repo.path, { 'b.txt': 'b2\n' });
    await git(repo.path, 'commit', '--quiet', '--allow-empty', '-m', 'mine');
    await writeJournal(repo, candidate, await deadOwner());
    expect(await repairLanding(repo, { baseBranch })).toMatchObject({ kind: 'blocked', files: ['b.txt'] });
    await commit(repo.path, 'taken over');
    expect(await repairLanding(repo, { baseBranch })).toBeNull();
  });

  it('waits while the other worker is alive', async () => {
    const { repo, candidate } = await setUp();
    const child = spawn('sleep', ['60']);
    await writeJournal(repo, candidate, nameOf((await identify(child.pid!))!));
    const blocked = await land(repo, { baseBranch, candidate });
    child.kill('SIGKILL');
    await once(child, 'close');
    const reason = expect.stringContaining('another worker');
    expect(blocked).toMatchObject({ kind: 'blocked', reason, busy: true });
    expect((await land(repo, { baseBranch, candidate })).kind).toBe('landed');
  });
});

it('does not take what an agent has put in the place of its record for one', async () => {
  const { repo, candidate } = await setUp();
  const record = join(repo.gitDir, 'yokeflow', 'advance-main.json');
  await mkdir(join(repo.gitDir, 'yokeflow'));
  const kinds = [
    () => execute('mkfifo', [record]),
    () => writeFile(record, '{'),
    () => writeFile(record, '{}'),
  ];
  for (const put of kinds) {
    await put();
    const reason = expect.stringMatching(new RegExp(`since ${record} cannot be read: .* delete it$`));
    expect(await land(repo, { baseBranch, candidate })).toMatchObject({ kind: 'blocked', reason });
    await rm(record);
  }
  expect((await land(repo, { baseBranch, candidate })).kind).toBe('landed');
});

describe('a squash that was killed between two refs', () => {
  it('is finished when the base branch has the commit', async () => {
    const { repo } = await setUp();
    const candidate = await prepare(repo, 'squash');
    await git(repo.path, 'update-ref', landingRef(baseBranch), candidate.integration!.new);
    await git(repo.path, 'reset', '--quiet', '--hard', candidate.base.new);
    expect(await repairLanding(repo, { baseBranch })).toBeNull();
    expect(await commitOf(repo, integrationRef(baseBranch))).toBe(candidate.integration!.new);
    expect(await commitOf(repo, landingRef(baseBranch))).toBeNull();
    expect(await land(repo, { baseBranch, candidate })).toEqual({
      kind: 'landed',
      commit: candidate.base.new,
    });
  });

  it('is forgotten when the base branch has it not', async () => {
    const { repo } = await setUp();
    const candidate = await prepare(repo, 'squash');
    await git(repo.path, 'update-ref', landingRef(baseBranch), candidate.integration!.new);
    expect(await repairLanding(repo, { baseBranch })).toBeNull();
    expect(await commitOf(repo, integrationRef(baseBranch))).toBe(candidate.integration!.old);
    expect(await commitOf(repo, landingRef(baseBranch))).toBeNull();
    expect((await land(repo, { baseBranch, candidate })).kind).toBe('landed');
  });
});

it('lands after real kills at any moment', async () => {
  const { repo, candidate } = await setUp();
  const many: support.Files = {};
  for (let index = 0; index < 300; index++) many[`many/${index}.txt`] = `${index}\n`.repeat(200);
  await newBranch(repo, 'big', many, candidate.base.new);
  const tip = await git(repo.path, 'rev-parse', 'big');
  const script = join(await support.temporaryFolder(), 'land.cjs');
  await writeProgram(
    script,
    `const { landFastForward } = require('../../../git/landing/landing.ts');
     const [repo, commit] = process.argv.slice(2);
     process.stdout.write('ready');
     landFastForward(JSON.parse(repo), { baseBranch: 'main', commit });`,
  );
  let midway = 0;
  // Later and later, until it has landed three times before it was killed: how long that is depends on the machine.
  for (let delay = 0, whole = 0; whole < 3; delay += Math.max(6, delay / 10)) {
    const child = spawn(process.execPath, [script, JSON.stringify(repo), tip]);
    await once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    if ((await readdir(join(repo.gitDir, 'yokeflow')).catch(() => [])).length > 0) midway++;
    expect(await repairLanding(repo, { baseBranch })).toBeNull();
    expect(await git(repo.path, 'status', '--porcelain')).toBe('');
    if ((await git(repo.path, 'rev-parse', 'main')) === tip) {
      whole++;
      await git(repo.path, 'reset', '--quiet', '--hard', candidate.base.old);
    }
  }
  expect(midway).toBeGreaterThan(0);
}, 360_000);
