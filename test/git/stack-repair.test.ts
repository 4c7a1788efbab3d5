import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { commitOf } from '../../git/content/commits';
import { integrationRef, landingRef } from '../../git/landing/integration';
import {
  land,
  landedTips,
  prepareStack,
  repairLanding,
  stackBase,
  startPoint,
} from '../../git/landing/landing';
import type { Repository } from '../../git/repository/repository';
import * as support from '../support/git-repository';
import { writeProgram } from '../support/program';

const { commit, git, newBranch, newRepository } = support;
afterAll(support.removeTemporaryFolders);

const baseBranch = 'main';
const strategy = 'squash' as const;
const BRANCHES = ['one', 'two', 'three'];

async function setUp(extra: support.Files = {}) {
  const repo = await newRepository();
  await newBranch(repo, 'one', { 'one.txt': '1\n', ...extra });
  // Contains what the first one brings.
  await newBranch(repo, 'two', { 'two.txt': '2\n' }, 'one');
  await newBranch(repo, 'three', { 'a.txt': '1\n2\n3\n4\n' });
  return repo;
}

async function build(repo: Repository) {
  const members = BRANCHES.map((head) => ({ head, message: `Land ${head}` }));
  const request = { baseBranch, strategy, date: '2026-01-02T03:04:05Z', members };
  const { candidate } = await prepareStack(repo, await stackBase(repo, { baseBranch, strategy }), request);
  return candidate!;
}

const squashes = (repo: Repository) => git(repo.path, 'log', '--format=%s', '--reverse', 'main');
const LANDED = 'start\nLand one\nLand two\nLand three';

/** The private history and the base branch say the same, and every epic counts as landed. */
async function expectWhole(repo: Repository): Promise<void> {
  expect(await squashes(repo)).toContain(LANDED);
  const tip = await startPoint(repo, { baseBranch, strategy });
  expect(await git(repo.path, 'rev-parse', `${tip}^{tree}`)).toBe(
    await git(repo.path, 'rev-parse', 'main^{tree}'),
  );
  for (const head of BRANCHES) await git(repo.path, 'merge-base', '--is-ancestor', head, tip);
  expect(await commitOf(repo, landingRef(baseBranch))).toBeNull();
  expect(await git(repo.path, 'status', '--porcelain')).toBe('');
  expect(await git(repo.path, 'fsck', '--no-dangling')).toBe('');
}

describe('a stack of three squashes that was killed', () => {
  const intend = (repo: Repository, commitId: string) =>
    git(repo.path, 'update-ref', landingRef(baseBranch), commitId);

  it('before the base branch moved: is forgotten, and lands on the next try', async () => {
    const repo = await setUp();
    const { base, integration } = await build(repo);
    await intend(repo, integration!.new);
    expect(await repairLanding(repo, { baseBranch })).toBeNull();
    expect(await git(repo.path, 'rev-parse', 'main')).toBe(base.old);
    expect(await commitOf(repo, integrationRef(baseBranch))).toBe(integration!.old);
    expect((await land(repo, { baseBranch, candidate: await build(repo) })).kind).toBe('landed');
    await expectWhole(repo);
  });

  it('after it: is finished, all three of it, also under commits of the user', async () => {
    const repo = await setUp();
    const { base, integration } = await build(repo);
    await intend(repo, integration!.new);
    await git(repo.path, 'reset', '--quiet', '--hard', base.new);
    await commit(repo.path, 'by hand', { 'hand.txt': 'h\n' });
    expect(await repairLanding(repo, { baseBranch })).toBeNull();
    expect(await landedTips(repo, { baseBranch })).toContain(integration!.new);
    await expectWhole(repo);
  });
});

it('lands after real kills at any moment: all of the stack or nothing', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 200 }, (_, n) => [`many/${n}.txt`, `${n}\n`.repeat(200)]),
  );
  const repo = await setUp(many);
  const start = await git(repo.path, 'rev-parse', 'main');
  const script = join(await support.temporaryFolder(), 'land.cjs');
  await writeProgram(
    script,
    `const { land, prepareStack, stackBase } = require('../../git/landing/landing.ts');
     const repo = JSON.parse(process.argv[2]);
     const onto = { baseBranch: 'main', strategy: 'squash' };
     const members = ${JSON.stringify(BRANCHES)}.map((head) => ({ head, message: 'Land ' + head }));
     process.stdout.write('ready');
     stackBase(repo, onto)
       .then((base) => prepareStack(repo, base, { ...onto, date: '2026-01-02T03:04:05Z', members }))
       .then(({ candidate }) => land(repo, { baseBranch: 'main', candidate }));`,
  );
  let nothing = 0;
  for (let delay = 0, whole = 0; whole < 2; delay += Math.max(40, delay / 6)) {
    const child = spawn(process.execPath, [script, JSON.stringify(repo)]);
    await once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    expect(await repairLanding(repo, { baseBranch })).toBeNull();
    if ((await git(repo.path, 'rev-parse', 'main')) === start) nothing++;
    else {
      whole++;
      await expectWhole(repo);
      await git(repo.path, 'reset', '--quiet', '--hard', start);
      await git(repo.path, 'update-ref', '-d', integrationRef(baseBranch));
    }
  }
  expect(nothing).toBeGreaterThan(0);
}, 240_000);
