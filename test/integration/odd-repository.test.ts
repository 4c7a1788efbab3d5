import { execFile } from 'node:child_process';
import { lstat, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cli, endpointsOf } from '../client/captured-cli';
import {
  commit,
  git,
  newRepository,
  repositoryWithSubmodules,
  temporaryFolder,
  write,
} from '../support/git-repository';
import { expectDependenciesContained } from '../support/invariants';
import { planOf } from '../support/plans';
import { projectName, useSystem } from '../support/system';

const system = useSystem();

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 5\n`;
const newline = 'two\nlines.txt';

/** A submodule within a submodule, an LFS pointer, names with a space and a line break, a link, an ignored secret. */
async function oddRepository(): Promise<string> {
  const { path } = await repositoryWithSubmodules({
    '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
    '.gitignore': '.env\nnode_modules/\n',
    '.worktreeinclude': '.env\n',
    'a file.txt': 'spaces\n',
    [newline]: 'line break\n',
    'big.bin': pointer,
  });
  await symlink('a file.txt', join(path, 'link'));
  await commit(path, 'a link');
  await write(path, { '.env': 'SECRET=from the checkout\n' });
  return path;
}

test.each(['regular', 'squash'] as const)(
  '%s: submodule, LFS pointer, odd names, link, set-up and clean-up',
  async (mergeStrategy) => {
    const project = projectName();
    const path = await oddRepository();
    const log = join(system.folder, `log-${project}`);
    const lib = 'cd libs/lib && echo "by T1" >> lib.txt && git commit -qam "change the library"';
    const plan = planOf(
      project,
      [
        { id: 1, epic: 1, action: `echo 1 >> 'a file.txt'\n${lib}` },
        {
          id: 2,
          epic: 2,
          action: `test -f node_modules/x && echo 2 >> $'two\\nlines.txt'\nmv link 'new link'`,
        },
        { id: 3, epic: 3, action: `cp big.bin 'copy of.bin'; cat libs/lib/lib.txt > seen`, after: [1, 2] },
        { id: 4, epic: 4, action: 'echo > .gitignore' },
        { id: 5, epic: 5, action: 'echo forgotten > libs/lib/inner/inner.txt; echo new > libs/lib/new.txt' },
      ],
      {
        verify: 'test -f libs/lib/inner/inner.txt && test -f .env && test -f node_modules/x',
        setup: `mkdir node_modules; cp .env node_modules/x; echo scratch > left; echo "setup $YOKEFLOW_SLUG $YOKEFLOW_PORT" >> ${log}`,
        cleanup: `echo "cleanup $YOKEFLOW_SLUG $YOKEFLOW_PORT" >> ${log}`,
      },
    );
    plan.epics[0]!.name = 'A name that is far too long for a folder '.repeat(8);
    await system.import(plan, path);
    const ended = await system.run({ project, parallel: true, mergeStrategy, maxAttempts: 1 });
    expect(ended.result!.problems).toEqual([
      { task: 4, status: 'failed', reason: expect.stringContaining('.env would become part of the commit') },
      {
        task: 5,
        status: 'failed',
        reason: expect.stringMatching(/^libs\/lib\/new.txt, .* would be lost: commit/),
      },
    ]);
    expect(ended.result!.tasks).toMatchObject({ complete: 3, failed: 2 });
    // What is not committed in a submodule is in no commit of the task: it is neither called done nor thrown away.
    const forgotten = 'refs/yokeflow/wip/5/1:libs/lib/inner/inner.txt';
    expect(await git(path, 'show', forgotten)).toBe('forgotten');

    expect(await git(path, 'show', 'main:a file.txt')).toBe('spaces\n1');
    expect(await git(path, 'show', `main:${newline}`)).toBe('line break\n2');
    expect(await git(path, 'cat-file', 'blob', 'main:copy of.bin')).toBe(pointer.trim());
    expect(await git(path, 'show', 'main:seen')).toBe('lib\nby T1');
    expect(await git(path, 'ls-tree', '--name-only', 'main', '--', '.env', 'left', 'node_modules')).toBe('');
    expect(await readlink(join(path, 'new link'))).toBe('a file.txt');
    expect(await readFile(join(path, newline), 'utf8')).toBe('line break\n2\n');
    await git(path, 'submodule', '--quiet', 'update', '--recursive');
    expect(await readFile(join(path, 'libs/lib/lib.txt'), 'utf8')).toBe('lib\nby T1\n');
    expect(await git(path, 'status', '--porcelain')).toBe('');
    expect(await git(path, 'fsck', '--no-dangling')).toBe('');
    await expectDependenciesContained(system.db, project, path);
    expect(await readFile(join(path, '.env'), 'utf8')).toBe('SECRET=from the checkout\n');

    // Either way, git log alone tells which task, and which agent, a change on main came from.
    const told = await git(path, 'log', '--format=%(trailers:key=YokeFlow-Task,valueonly)', 'main');
    expect(told.split('\n').filter(Boolean).sort()).toEqual(['1', '2', '3']);
    const agents = await git(path, 'log', '--format=%(trailers:key=YokeFlow-Agent,valueonly)', 'main');
    expect(agents.split('\n').filter(Boolean)).toEqual(['script', 'script', 'script']);

    // Each lane was set up once and cleaned up once, under a name and a port of its own; the failed one is still there.
    const all = (await readFile(log, 'utf8')).trim().split('\n');
    const lines = all.filter((line) => !line.includes('_verify '));
    const slug = project.replaceAll('-', '_');
    const lanes = lines.filter((line) => line.startsWith('setup')).map((line) => line.split(' ').slice(1));
    expect(lanes.map(([name]) => name).sort()).toEqual([1, 2, 3, 4, 5].map((epic) => `${slug}_epic${epic}`));
    expect(new Set(lanes.map(([, port]) => port)).size).toBe(5);
    const cleaned = lines.filter((line) => line.startsWith('cleanup')).map((line) => line.slice(8));
    expect(cleaned.sort()).toEqual(
      lanes
        .map((lane) => lane.join(' '))
        .filter((lane) => !/epic[45] /.test(lane))
        .sort(),
    );
    const verified = all.filter((line) => line.includes('_verify '));
    expect(verified.filter((line) => line.startsWith('cleanup'))).toHaveLength(verified.length / 2);
    await expect(lstat(join(path, '.worktrees', 'epic-2-part-2'))).rejects.toThrow('ENOENT');
  },
  180_000,
);

test('what a task deletes of what was brought in is there again for the next one', async () => {
  const project = projectName();
  const { path } = await newRepository({ '.gitignore': '.env\n', '.worktreeinclude': '.env\n' });
  await write(path, { '.env': 'SECRET=1\n' });
  const tasks = [
    { id: 1, epic: 1, action: 'rm .env; echo 1 > f1' },
    { id: 2, epic: 1, after: [1], action: 'wc -l < .env > seen' },
  ];
  await system.import(planOf(project, tasks), path);
  const { outcome, result } = await system.run({ project, parallel: true, maxAttempts: 1 });
  expect([outcome, result!.problems]).toEqual(['complete', []]);
  expect(await git(path, 'show', 'main:seen')).toBe('1');
});

test('setup that fails: its epic fails with the output kept', async () => {
  const project = projectName();
  const path = await oddRepository();
  const actions = [{ id: 1, epic: 1, action: 'true' }];
  await system.import(planOf(project, actions, { setup: 'echo what went wrong; exit 3' }), path);
  const ended = await system.run({ project, parallel: true });
  expect(ended.result!.problems).toEqual([
    { task: 1, status: 'failed', reason: 'setup of epic 1 ended with exit code 3: what went wrong' },
  ]);
  const { rows } = await system.db.query<{ output: string }>(
    `select w.setup_output as output from yokeflow.worktrees w
     join yokeflow.projects p on p.id = w.project_id where p.name = $1`,
    [project],
  );
  expect(rows).toEqual([{ output: 'what went wrong\n' }]);
});

test('setup that fails once, as a download does, costs a try and not the night', async () => {
  const project = projectName();
  const path = await oddRepository();
  const once = join(system.folder, project);
  const setup = `if [ ! -e ${once} ]; then : > ${once}; echo no network; exit 1; fi`;
  const actions = [{ id: 1, epic: 1, action: 'echo 1 > f1' }];
  await system.import(planOf(project, actions, { setup }), path);
  const { outcome } = await system.run({ project, parallel: true });
  expect(outcome).toBe('complete');
  const { rows } = await system.db.query<{ status: string; reason: string | null }>(
    `select a.status, a.reason from yokeflow.task_attempts a join yokeflow.tasks t on t.id = a.task_id
     join yokeflow.projects p on p.id = t.project_id where p.name = $1 order by a.number`,
    [project],
  );
  expect(rows).toEqual([
    { status: 'failed', reason: 'setup of epic 1 ended with exit code 1: no network' },
    { status: 'complete', reason: null },
  ]);
});

test('setup that meets the settings of the repository locked by another git is run again', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const once = join(system.folder, project);
  const lock = '"$(git rev-parse --git-common-dir)/config.lock"';
  const held = `: > ${lock}; git config test.x 1; ended=$?; rm ${lock}; exit $ended`;
  const setup = `ran=${once}-$YOKEFLOW_SLUG; if [ ! -e $ran ]; then : > $ran; ${held}; fi`;
  const actions = [{ id: 1, epic: 1, action: 'echo 1 > f1' }];
  await system.import(planOf(project, actions, { setup, verify: 'test -e a.txt' }), path);
  const { outcome, result } = await system.run({ project, parallel: true, maxAttempts: 1 });
  expect([outcome, result!.problems, result!.notes]).toEqual(['complete', [], []]);
  expect((await readdir(system.folder)).filter((name) => name.startsWith(project))).toHaveLength(2);
});

test('a branch of the user that is called like that of an epic does not land with it', async () => {
  const project = projectName();
  const { path } = await newRepository();
  await git(path, 'checkout', '--quiet', '-b', 'epic-1-part-1');
  const own = await commit(path, 'half of an idea', { 'own.txt': 'own\n' });
  await git(path, 'checkout', '--quiet', 'main');
  const actions = [
    { id: 1, epic: 1, action: 'echo 1 > f1' },
    { id: 2, epic: 2, action: 'echo 2 > f2' },
  ];
  await system.import(planOf(project, actions), path);
  const ended = await system.run({ project, parallel: true, maxAttempts: 1 });
  const reason =
    `branch epic-1-part-1 was there already, with commits that no task made (${own.slice(0, 10)} half of an idea), ` +
    'which would land with what is done here: rename it (git branch -m epic-1-part-1 NAME)';
  expect(ended.result!.problems).toEqual([
    { task: 1, status: 'failed', reason: `its worktree cannot be made ready: ${reason}` },
  ]);
  expect(await git(path, 'ls-tree', '--name-only', 'main')).toBe('a.txt\nf2');
  await git(path, 'branch', '-m', 'epic-1-part-1', 'idea');
  expect(await system.run({ project, parallel: true })).toMatchObject({ outcome: 'complete' });
  expect(await git(path, 'ls-tree', '--name-only', 'main')).toBe('a.txt\nf1\nf2');
  expect(await git(path, 'rev-parse', 'idea')).toBe(own);
});

test('a branch that an epic has worked on is gone on with after its worktree was removed, by hand too', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const go = join(await temporaryFolder(), 'go');
  const actions = [
    { id: 1, epic: 1, action: 'echo 1 > f1' },
    { id: 2, epic: 1, action: `test -f ${go}; echo 2 > f2`, after: [1] },
  ];
  await system.import(planOf(project, actions), path);
  await system.run({ project, parallel: true, maxAttempts: 1 });
  await commit(join(path, '.worktrees/epic-1-part-1'), 'by hand', { 'own.txt': 'own\n' });
  const clean = ['worktrees', 'clean', '1', '--force', '--project', project];
  expect(await cli(clean, endpointsOf(system.databaseUrl))).toMatchObject({ code: 0 });
  await writeFile(go, '');
  expect(await system.run({ project, parallel: true })).toMatchObject({ outcome: 'complete' });
  expect(await git(path, 'ls-tree', '--name-only', 'main')).toBe('a.txt\nf1\nf2\nown.txt');
});

test('a file that a filter has to go over is not committed without it', async () => {
  const project = projectName();
  const { path } = await newRepository({ '.gitattributes': '*.key filter=crypt\n' });
  for (const [key, value] of Object.entries({ clean: 'rev', smudge: 'rev', required: 'true' }))
    await git(path, 'config', `filter.crypt.${key}`, value);
  await commit(path, 'a key', { 'a.key': 'secret\n' });
  const actions = [
    { id: 1, epic: 1, action: 'echo plain > b.key; echo 1 > f1' },
    { id: 2, epic: 2, action: 'cat a.key; echo 2 > f2' },
  ];
  await system.import(planOf(project, actions), path);
  const ended = await system.run({ project, parallel: true, maxAttempts: 1 });
  expect(ended.result!.problems).toEqual([
    {
      task: 1,
      status: 'failed',
      reason: expect.stringMatching(
        /^b.key would become part of the commit as it is, without the filter crypt /,
      ),
    },
  ]);
  expect(await git(path, 'ls-tree', '--name-only', 'main')).toBe('.gitattributes\na.key\nf2');
  expect(await git(path, 'cat-file', 'blob', 'main:a.key')).toBe('terces');
  expect(await readFile(join(path, 'a.key'), 'utf8')).toBe('secret\n');
  expect(await git(path, 'status', '--porcelain')).toBe('');
});

test('a partial clone that lacks files of the base branch is refused, with the command that gets them', async () => {
  const project = projectName();
  const origin = await newRepository({ 'a.txt': 'a\n', 'deep/b.txt': 'b\n' });
  await git(origin.path, 'config', 'uploadpack.allowFilter', 'true');
  const path = join(await temporaryFolder(), 'clone');
  await git(origin.path, 'clone', '--quiet', '--filter=blob:none', '--sparse', `file://${origin.path}`, path);
  await system.import(planOf(project, [{ id: 1, epic: 1, action: 'cat deep/b.txt > f1' }]), path);
  expect(await system.run({ project, parallel: true })).toMatchObject({
    outcome: 'RepositoryUnusable',
    message: expect.stringMatching(
      `^1 file of main is not in ${path}, a partial clone, .*: git -C ${path} fetch --refetch --no-filter$`,
    ),
  });
  await git(path, 'fetch', '--quiet', '--refetch', '--no-filter');
  expect(await system.run({ project, parallel: true })).toMatchObject({ outcome: 'complete' });
  expect(await git(path, 'show', 'main:f1')).toBe('b');
  expect(await git(path, 'sparse-checkout', 'list')).toBe('');
});

test('settings by which git in a worktree works on the checkout itself are refused, with the commands that move them', async () => {
  const project = projectName();
  const { path } = await newRepository({ 'a.txt': 'a\n' });
  await git(path, 'config', 'core.worktree', path);
  await git(path, 'config', 'extensions.worktreeConfig', 'true');
  await write(path, { 'a.txt': 'my own edit\n' });
  await system.import(
    planOf(project, [{ id: 1, epic: 1, action: 'git reset --quiet --hard; echo 1 > f1' }]),
    path,
  );
  const refused = await system.run({ project, parallel: true });
  expect(await readFile(join(path, 'a.txt'), 'utf8')).toBe('my own edit\n');
  expect(refused).toMatchObject({
    outcome: 'RepositoryUnusable',
    message: expect.stringContaining('git in any worktree works on the checkout itself'),
  });
  const command = refused.message.split(': ').at(-1)!;
  await promisify(execFile)('sh', ['-c', command]);
  expect(await system.run({ project, parallel: true })).toMatchObject({ outcome: 'complete' });
  expect(await git(path, 'show', 'main:f1')).toBe('1');
  expect(await readFile(join(path, 'a.txt'), 'utf8')).toBe('my own edit\n');
});
