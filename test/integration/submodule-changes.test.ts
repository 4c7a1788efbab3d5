import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  git,
  newRepository,
  removeTemporaryFolders,
  repositoryWithSubmodules,
  write,
} from '../support/git-repository';
import { expectDependenciesContained } from '../support/invariants';
import { conflictBy } from '../support/conflict';
import { planOf } from '../support/plans';
import { projectName, startSystem, type System } from '../support/system';

let system: System;
beforeEach(async () => {
  system = await startSystem();
});
afterEach(() => system.close());
afterAll(removeTemporaryFolders);

const PERSON = {
  GIT_AUTHOR_NAME: 'A User',
  GIT_AUTHOR_EMAIL: 'user@example.com',
  GIT_COMMITTER_NAME: 'A User',
  GIT_COMMITTER_EMAIL: 'user@example.com',
};
const shell = (script: string, cwd: string) =>
  promisify(execFile)('bash', ['-ec', script], { cwd, env: { ...process.env, ...PERSON } });

/** Every file below the folder in the commit, with its mode. */
const filesBelow = async (path: string, folder: string, at = 'main') =>
  (await git(path, 'ls-tree', '-r', '--format=%(objectmode) %(path)', at, folder)).split('\n');

test.each(['regular', 'squash'] as const)(
  '%s: a submodule that a task replaced by plain files goes to what depends on it, and lands',
  async (mergeStrategy) => {
    const project = projectName();
    const { path } = await repositoryWithSubmodules({ 'a.txt': '1\n' });
    const replace =
      'git rm -qf libs/lib; mkdir -p libs/lib; echo plain > libs/lib/lib.txt; echo more > libs/lib/more.txt';
    await system.import(
      planOf(project, [
        { id: 1, epic: 2, action: 'echo first > first.txt' },
        { id: 2, epic: 1, action: replace },
        {
          id: 3,
          epic: 2,
          after: [1, 2],
          action: 'cat libs/lib/lib.txt > seen; echo too >> libs/lib/lib.txt',
        },
      ]),
      path,
    );
    const input = { project, parallel: true, maxAttempts: 1, mergeStrategy };
    const first = await system.run(input);
    expect(first.result).toMatchObject({ tasks: { complete: 3 } });
    // It is the user's own checkout: nothing that stands there is taken out.
    expect(first.result!.epics[0]).toMatchObject({
      status: 'blocked',
      reason: `files take the place of submodules in ${path}: take these out there with git submodule deinit: libs/lib`,
    });
    await git(path, 'submodule', '--quiet', 'deinit', 'libs/lib');
    expect(await system.run(input)).toMatchObject({ outcome: 'complete', message: '' });
    expect(await filesBelow(path, 'libs/')).toEqual(['100644 libs/lib/lib.txt', '100644 libs/lib/more.txt']);
    expect(await git(path, 'show', 'main:seen')).toBe('plain');
    expect(await git(path, 'show', 'main:libs/lib/lib.txt')).toBe('plain\ntoo');
    await expectDependenciesContained(system.db, project, path);
    expect(await git(path, 'status', '--porcelain')).toBe('');
    expect(await readFile(join(path, 'seen'), 'utf8')).toBe('plain\n');
    expect(await git(path, 'fsck', '--no-dangling')).toBe('');
  },
  120_000,
);

test.each(['regular', 'squash'] as const)(
  '%s: two epics that each add a submodule conflict in .gitmodules; what a person makes of it lands',
  async (mergeStrategy) => {
    const project = projectName();
    const { path } = await newRepository();
    const others = await Promise.all([
      newRepository({ 'one.txt': '1\n' }),
      newRepository({ 'two.txt': '2\n' }),
    ]);
    const add = (at: number) =>
      `git -c protocol.file.allow=always submodule --quiet add ${others[at]!.path} libs/s${at}`;
    const { untilBegun, untilLanded } = conflictBy(join(system.folder, 'begun'));
    await system.import(
      planOf(project, [
        { id: 1, epic: 1, action: `${untilBegun}; ${add(0)}` },
        { id: 2, epic: 2, action: `${untilLanded}; ${add(1)}` },
        { id: 3, epic: 3, after: [1, 2], action: 'grep -c url .gitmodules > seen' },
      ]),
      path,
    );
    const input = { project, parallel: true, maxAttempts: 1, mergeStrategy };
    const first = await system.run({ ...input, onConflict: 'fail' });
    expect(first.outcome).toBe('SessionIncomplete');
    expect(first.result!.epics[1]).toMatchObject({ status: 'conflict', files: [{ path: '.gitmodules' }] });
    const both = others.map(
      ({ path: url }, at) => `[submodule "libs/s${at}"]\n\tpath = libs/s${at}\n\turl = ${url}\n`,
    );
    const resolve = async (name: string) => {
      const tree = join(path, '.worktrees', name);
      await write(tree, { '.gitmodules': both.join('') });
      await shell('git add .gitmodules; git commit -q --no-edit', tree);
    };
    await resolve('epic-2-part-2');
    await resolve('epic-3-part-3');
    const second = await system.run(input);
    expect(second).toMatchObject({ outcome: 'complete', message: '' });
    expect(await filesBelow(path, 'libs/')).toEqual(['160000 libs/s0', '160000 libs/s1']);
    expect(await git(path, 'show', 'main:seen')).toBe('2');
    const names = await git(
      path,
      'config',
      '--blob',
      'main:.gitmodules',
      '--name-only',
      '--get-regexp',
      'path$',
    );
    expect(names.split('\n').sort()).toEqual(['submodule.libs/s0.path', 'submodule.libs/s1.path']);
    await expectDependenciesContained(system.db, project, path);
  },
  120_000,
);

it('a submodule that an epic adds is there for what depends on it, and for the check of what would land', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const { path: url } = await newRepository({ 'one.txt': '1\n' });
  const add = `git -c protocol.file.allow=always submodule --quiet add ${url} libs/one`;
  const verify = '! test -e .gitmodules || test -s libs/one/one.txt';
  await system.import(
    {
      ...planOf(project, [
        { id: 1, epic: 2, action: 'echo own > own.txt' },
        { id: 2, epic: 1, action: add },
        { id: 3, epic: 2, after: [1, 2], action: 'cat libs/one/one.txt > seen' },
        { id: 4, epic: 3, after: [2], action: 'cat libs/one/one.txt > new' },
      ]),
      verify,
    },
    path,
  );
  const input = { project, parallel: true, maxAttempts: 1, onConflict: 'fail' as const };
  const { outcome, result } = await system.run(input);
  expect(result).toMatchObject({ tasks: { complete: 4 }, notes: expect.anything() });
  expect(outcome).toBe('complete');
  expect(await git(path, 'show', 'main:seen')).toBe('1');
  expect(await git(path, 'show', 'main:new')).toBe('1');
  expect(await filesBelow(path, 'libs/')).toEqual(['160000 libs/one']);
}, 120_000);

it('of a submodule that setup fetches nobody hears that it is empty: a bare repository has none checked out', async () => {
  const project = projectName();
  const { path: source } = await repositoryWithSubmodules();
  const bare = `${source}.git`;
  await git(source, 'clone', '--quiet', '--bare', source, bare);
  const fetch = 'git -c protocol.file.allow=always submodule --quiet update --init';
  const plan = planOf(project, [{ id: 1, epic: 1, action: 'cat libs/lib/lib.txt > seen' }], { setup: fetch });
  await system.import(plan, bare);
  expect((await system.run({ project, parallel: true, maxAttempts: 1 })).outcome).toBe('complete');
  expect(await git(bare, 'show', 'main:seen')).toBe('lib');
  const told = await system.db.query(`select data from yokeflow.events where type = 'attention_needed'`);
  expect(told.rows).toEqual([]);
}, 120_000);
