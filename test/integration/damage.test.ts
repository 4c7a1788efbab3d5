import { Context } from '@temporalio/activity';
import { execFile } from 'node:child_process';
import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cli, endpointsOf } from '../client/captured-cli';
import { git, newRepository, removeTemporaryFolders, temporaryFolder } from '../support/git-repository';
import { conflictBy } from '../support/conflict';
import { planOf } from '../support/plans';
import { testTemporal } from '../support/services';
import { projectName, startSystem, type System } from '../support/system';

let system: System;
/** How often a landing has been tried before the test began. */
let landingTries = 0;
beforeAll(async () => {
  system = await startSystem({
    around: (activities) => ({
      ...activities,
      landStack(input) {
        const { info } = Context.current();
        Object.assign(info, { attempt: info.attempt + landingTries });
        return activities.landStack(input);
      },
    }),
  });
});
afterAll(async () => {
  await system.close();
  await removeTemporaryFolders();
});

/** Runs a harmful task beside a harmless one, each in an epic of its own. */
async function runBeside(action: string) {
  const project = projectName();
  const { path } = await newRepository();
  await system.import(
    planOf(project, [
      { id: 1, epic: 1, action },
      { id: 2, epic: 2, action: 'echo 2 > f2' },
    ]),
    path,
  );
  return { path, ended: await system.run({ project, parallel: true, maxAttempts: 2 }) };
}

test('a link in the place of the worktree: what it leads to is neither committed nor deleted', async () => {
  const victim = join(await temporaryFolder(), 'victim');
  await mkdir(victim);
  await writeFile(join(victim, 'precious.txt'), 'precious\n');
  const { path, ended } = await runBeside(`W=$PWD; cd /; rm -rf "$W"; ln -s ${victim} "$W"`);
  expect(await readFile(join(victim, 'precious.txt'), 'utf8')).toBe('precious\n');
  expect(ended.result!.problems).toEqual([
    { task: 1, status: 'failed', reason: expect.stringContaining('its worktree is damaged') },
  ]);
  expect((await git(path, 'ls-tree', '--name-only', 'main')).split('\n')).toEqual(['a.txt', 'f2']);
  await expect(lstat(join(path, '.worktrees/epic-1-part-1'))).rejects.toThrow('ENOENT');
});

test.each([
  ['deletes its worktree', 'W=$PWD; cd /; rm -rf "$W"'],
  ['puts a file in its place', 'W=$PWD; cd /; rm -rf "$W"; echo file > "$W"'],
  ['deletes git’s own folder of it', 'echo mine > mine; rm -rf "$(git rev-parse --git-dir)"'],
])('a task that %s fails, everything else lands, the session ends', async (_name, action) => {
  const { path, ended } = await runBeside(action);
  expect(ended.outcome).toBe('SessionIncomplete');
  const reason = `its worktree is damaged: ${path}/.worktrees/epic-1-part-1 was deleted or replaced while the task ran`;
  expect(ended.result!.problems).toEqual([
    { task: 1, status: 'failed', reason: expect.stringContaining(reason) },
  ]);
  expect(await git(path, 'show', 'main:f2')).toBe('2');
  expect(await git(path, 'fsck', '--no-dangling')).toBe('');
  // What git cannot look into any more is kept, and told.
  const beside = await readdir(join(path, '.worktrees')).catch(() => []);
  const kept = beside.filter((name) => name.includes('.broken-'));
  const left = (name: string) =>
    `the worktree of epic-1-part-1 was damaged by T1: what is left of it is in ${path}/.worktrees/${name}`;
  expect(kept.length > 0).toBe(action.includes('echo mine'));
  expect(ended.result!.notes).toEqual(kept.map(left));
});

test.each([
  ['deletes', 'rm .git'],
  [
    'makes a link to the repository of',
    'd=$(git rev-parse --path-format=absolute --git-common-dir); rm .git; ln -s "$d" .git',
  ],
  ['puts a repository in the place of', 'rm .git; git init -q; git add -A; git commit -qm own'],
])(
  'a task that %s its .git: who verifies it, and the next task, work on its branch',
  async (what, action) => {
    const project = projectName();
    const { path } = await newRepository();
    await writeFile(join(path, 'draft.txt'), 'of the user\n');
    const verify = 'test "$(git branch --show-current)" = epic-1-part-1';
    const tasks = [
      { id: 1, epic: 1, action: `${action}; echo 1 > f1`, verify },
      { id: 2, epic: 1, after: [1], action: 'echo 2 > f2; git add -A; git commit -qm mine' },
    ];
    await system.import(planOf(project, tasks), path);
    const { outcome, result } = await system.run({ project, parallel: true, maxAttempts: 1 });
    expect([outcome, result!.problems]).toEqual(['complete', []]);
    expect(await git(path, 'log', '--format=%s', 'main')).not.toContain('mine');
    expect(await git(path, 'ls-tree', '--name-only', 'main')).toBe('a.txt\nf1\nf2');
    expect(await git(path, 'log', '-1', '--format=%B', 'refs/yokeflow/tasks/2')).toContain('\nmine\n');
    expect(await git(path, 'status', '--porcelain')).toBe('?? draft.txt');
    const kept = result!.notes.map(
      (note) => /^T1 made a repository of its own .* kept in (.*)$/.exec(note)![1]!,
    );
    const logs = await Promise.all(kept.map((folder) => git(folder, 'log', '--format=%s')));
    expect(logs).toEqual(what.includes('repository in') ? ['own'] : []);
  },
);

test.each([
  ['a name that git forbids', 'echo x > "git~1"', "invalid path 'git~1'"],
  [
    'a text in another encoding than its attributes tell',
    'echo "*.ps1 working-tree-encoding=UTF-16" > .gitattributes; echo plain > a.ps1',
    "BOM is required in 'a.ps1' if encoded as UTF-16",
  ],
  [
    'a pipe where a file was',
    'rm a.txt; mkfifo a.txt',
    'a.txt: can only add regular files, symbolic links or git-directories',
  ],
])('a task that leaves %s fails at once, and what it left stays', async (_name, action, why) => {
  const { path, ended } = await runBeside(action);
  expect(ended.result!.problems).toEqual([
    {
      task: 1,
      status: 'failed',
      reason: `its worktree is damaged: git takes into no commit what is in it: ${why}`,
    },
  ]);
  expect(await git(path, 'show', 'main:f2')).toBe('2');
  const beside = await readdir(join(path, '.worktrees')).catch(() => []);
  const kept = beside.filter((name) => name.includes('.broken-'));
  expect(kept).toHaveLength(2);
});

const DEEP = `perl -e 'for (1..30) { mkdir "x" x 200; chdir "x" x 200 } open F, ">f"; print F 1'`;
test.each([
  ['folders that are deeper than git can look', DEEP, "could not open directory 'xxxx"],
  // Root may look everywhere.
  ...(process.getuid?.() === 0
    ? []
    : [
        [
          'a folder that nobody may look into',
          'mkdir d; echo 1 > d/f; chmod 000 d',
          "could not open directory 'd/'",
        ],
      ]),
])('a task that leaves %s fails at once, and what it left stays', async (_name, action, why) => {
  const began = Date.now();
  const { path, ended } = await runBeside(action);
  expect(ended.result!.problems).toMatchObject([{ task: 1, status: 'failed' }]);
  const { reason } = ended.result!.problems[0]!;
  expect(reason).toContain(`its worktree is damaged: git cannot read what is in it, and it has to: ${why}`);
  expect(reason.length).toBeLessThan(400);
  expect(Date.now() - began).toBeLessThan(30_000);
  const folder = join(path, '.worktrees');
  const kept = (await readdir(folder)).filter((name) => name.includes('.broken-'));
  expect(kept).toHaveLength(2);
  // Node does not delete what is so deep.
  for (const name of kept) await promisify(execFile)('rm', ['-rf', join(folder, name)]);
});

test.each([
  ['index.lock', 'touch "$(git rev-parse --git-dir)/index.lock"'],
  ['HEAD.lock', 'touch "$(git rev-parse --git-dir)/HEAD.lock"'],
  [
    'its branch’s lock',
    'touch "$(git rev-parse --git-common-dir)/refs/heads/$(git branch --show-current).lock"',
  ],
])('%s, left by a git that was ended, does not keep the task from completing', async (_name, lock) => {
  const { path, ended } = await runBeside(`echo 1 > f1; ${lock}`);
  expect(ended.outcome).toBe('complete');
  expect(await git(path, 'show', 'main:f1')).toBe('1');
});

test.each([
  ['a merge', 'git merge -q other || true'],
  ['a rebase', 'git rebase -q other || true'],
  ['a cherry-pick', 'git cherry-pick other || true'],
  ['', 'echo dirty > a.txt; git stash -q; git reset -q --hard other; git stash pop || true'],
])(
  'a task that leaves %s unfinished has failed, and its next try starts clean and is told',
  async (what, action) => {
    const project = projectName();
    const { path } = await newRepository({ 'a.txt': 'a\n' });
    const folder = await temporaryFolder();
    const first = [
      ...['git switch -q -c other', 'echo theirs > a.txt', 'git commit -qam theirs', 'git switch -q -'],
      ...['echo ours > a.txt', 'git commit -qam ours', action],
    ];
    const script = `if [ -e ${folder}/again ]; then cat a.txt > seen; else touch ${folder}/again; ${first.join('; ')}; fi`;
    await system.import(planOf(project, [{ id: 1, epic: 1, action: script }]), path);
    const ended = await system.run({ project, parallel: true, maxAttempts: 2 });
    expect(ended.outcome).toBe('complete');
    expect(await git(path, 'show', 'main:seen')).toBe('a');
    expect(await git(path, 'show', 'main:a.txt')).toBe('a');
    const { rows } = await system.db.query<{ reason: string }>(
      `select a.reason from yokeflow.task_attempts a join yokeflow.sessions s on s.id = a.session_id
     join yokeflow.projects p on p.id = s.project_id where p.name = $1 and a.status = 'failed'`,
      [project],
    );
    const left = what && `${what} was begun and not finished, and `;
    expect(rows).toEqual([
      {
        reason: `${left}conflicts in a.txt are not resolved: resolve, git add and finish it, or abort it, before the end`,
      },
    ]);
  },
);

test('a task that makes its worktree sparse loses no file by that, and the next one has all of them', async () => {
  const project = projectName();
  const { path } = await newRepository({ 'a/x': '1\n', 'b/x': '1\n', top: 't\n' });
  const tasks = [
    { id: 1, epic: 1, action: 'git sparse-checkout set a; echo 2 > a/x' },
    { id: 2, epic: 1, action: 'cat b/x > seen; git sparse-checkout list >> seen || true', after: [1] },
    { id: 3, epic: 2, action: 'git sparse-checkout set a; false' },
    { id: 4, epic: 2, action: 'test -e b/x' },
  ];
  await system.import(planOf(project, tasks), path);
  // One at a time: the command writes into the settings of the repository, and two at once refuse each other.
  const ended = await system.run({ project, parallel: true, maxAttempts: 1, maxConcurrency: 1 });
  expect(ended.result!.problems).toMatchObject([{ task: 3 }]);
  expect(await git(path, 'ls-tree', '-r', '--name-only', 'main')).toBe('a/x\nb/x\nseen\ntop');
  expect(await git(path, 'show', 'main:seen', 'main:a/x')).toBe('1\n2');
});

test('git’s settings broken by a task: status says what is wrong with which file, and cancelling ends the session', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const broken = 'echo 1 > f1; echo "[broken" >> "$(git rev-parse --git-common-dir)/config"';
  await system.import(planOf(project, [{ id: 1, epic: 1, action: broken }]), path);
  const handle = await system.start({ project, parallel: true });
  const services = endpointsOf(system.databaseUrl, testTemporal().address);
  const status = async () => (await cli(['status', '--project', project], services)).stdout;
  while (!(await status()).includes('T1 waits')) await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await status()).toMatch(
    /T1 waits: the repository cannot be used, .* bad config line \d+ in file .*config/,
  );
  const began = Date.now();
  await handle.cancel();
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(Date.now() - began).toBeLessThan(15_000);
});

test('cancelled between a task’s agent and its commit: the session closes within seconds', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const verifies = join(system.folder, `${project}-verifies`);
  await system.import(
    planOf(project, [{ id: 1, epic: 1, action: 'echo 1 > f1', verify: `touch ${verifies}; sleep 600` }]),
    path,
  );
  const handle = await system.start({ project, parallel: true });
  while (!(await lstat(verifies).catch(() => null))) await new Promise((resolve) => setTimeout(resolve, 20));
  const began = Date.now();
  await handle.cancel();
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(Date.now() - began).toBeLessThan(15_000);
});

test.each([
  ['fails where that undoes what others did, and its next try is told', 'git reset -q --hard HEAD~1', ['f1']],
  ['completes where its files are all there', 'git reset -q HEAD~1', []],
])('a task that resets its branch to before it began %s', async (_what, reset, undone) => {
  const project = projectName();
  const { path } = await newRepository();
  const folder = await temporaryFolder();
  const action = `if [ -e ${folder}/again ]; then echo 2 > f2; else touch ${folder}/again; ${reset}; echo 2 > f2; git add f2; git commit -qm mine; fi`;
  const tasks = [
    { id: 1, epic: 1, action: 'echo 1 > f1' },
    { id: 2, epic: 1, after: [1], action },
  ];
  await system.import(planOf(project, tasks), path);
  const { outcome, result } = await system.run({ project, parallel: true });
  expect(outcome).toBe('complete');
  const moved =
    /^epic-1-part-1 had been moved to (\w+), without what T2 began on: put back on \w+, and what it was at is kept at (\S+)$/;
  const [, at, ref] = moved.exec(result!.notes.join())!;
  expect(await git(path, 'rev-parse', ref!)).toMatch(new RegExp(`^${at}`));
  for (const id of [1, 2]) expect(await git(path, 'show', `main:f${id}`)).toBe(`${id}`);
  const { rows } = await system.db.query<{ reason: string }>(
    `select a.reason from yokeflow.task_attempts a join yokeflow.sessions s on s.id = a.session_id
     join yokeflow.projects p on p.id = s.project_id where p.name = $1 and a.status = 'failed'`,
    [project],
  );
  expect(rows.map(({ reason }) => reason)).toEqual(
    undone.map((file) => expect.stringContaining(`undoes what others did in ${file}: leave`) as string),
  );
});

test('a conflict that git cannot leave in the worktree for good: its epic waits with the reason, the others land', async () => {
  landingTries = 10;
  const project = projectName();
  const { path } = await newRepository();
  const { untilBegun, untilLanded } = conflictBy(join(system.folder, project));
  // Git writes the message of a merge there, after it has begun that.
  const plant = 'cd "$(git rev-parse --git-dir)"; mkdir -p MERGE_MSG/in-the-way';
  await system.import(
    planOf(project, [
      { id: 1, epic: 1, action: `${untilBegun}; echo 1 > a.txt` },
      { id: 2, epic: 2, action: `${untilLanded}; echo 2 > a.txt; ${plant}` },
      { id: 3, epic: 3, action: `${untilLanded}; echo 3 > f3` },
    ]),
    path,
  );
  const { outcome, result } = await system.run({ project, parallel: true, onConflict: 'fail' });
  landingTries = 0;
  expect(outcome).toBe('SessionIncomplete');
  expect(result!.epics).toMatchObject([
    { epic: 1, status: 'merged' },
    { epic: 2, status: 'blocked', reason: expect.stringMatching(/^git merge .*MERGE_MSG/) },
    { epic: 3, status: 'merged' },
  ]);
  expect(await git(path, 'show', 'main:a.txt', 'main:f3')).toBe('1\n3');
}, 120_000);

test('what a task stashes away and does not bring back is not taken for done, or told', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const marker = join(system.folder, project);
  // Git knows the second, and what is from before the try is not its own.
  const stash = `sleep 1; echo 1 > f1; git add f1; git stash; git rev-parse stash > ${marker}`;
  await system.import(
    planOf(project, [
      {
        id: 1,
        epic: 1,
        action: `if [ -e ${marker} ]; then git stash apply $(cat ${marker}); else ${stash}; fi`,
      },
      { id: 2, epic: 2, action: 'sleep 1; echo 2 > a.txt; git stash; echo 2 > f2' },
    ]),
    path,
  );
  // One at a time: all worktrees have one list of stashes.
  const { outcome, result } = await system.run({ project, parallel: true, maxConcurrency: 1 });
  expect(outcome).toBe('complete');
  expect(await git(path, 'show', 'main:f1', 'main:f2')).toBe('1\n2');
  const { rows } = await system.db.query<{ reason: string }>(
    `select a.reason from yokeflow.task_attempts a join yokeflow.tasks t on t.id = a.task_id
     join yokeflow.projects p on p.id = t.project_id where p.name = $1 and a.status = 'failed'`,
    [project],
  );
  const kept = (await readFile(marker, 'utf8')).slice(0, 10);
  const bringsBack = `git stash apply ${kept} brings it back`;
  expect(rows).toEqual([{ reason: expect.stringContaining(bringsBack) }]);
  const list = (await git(path, 'stash', 'list', '--format=%H %gs')).split('\n');
  const other = list.find((line) => line.includes('epic-2'))!.slice(0, 10);
  const note = `T2 stashed something away, which is not in its commit: git stash show -p ${other}`;
  expect(result!.notes).toEqual([note]);
}, 120_000);
