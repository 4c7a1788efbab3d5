import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hintFor } from '../../client/text/hint';
import { sessionView } from '../../client/status/session-view';
import { waitsToLand } from '../../client/status/unlanded';
import { findProject } from '../../db/project/projects';
import { getWorktree } from '../../db/worktree/worktrees';
import type { SessionResult } from '../../domain/session/session-result';
import { waitUntil } from '../../services/wait';
import { conflictPlan } from '../support/conflict';
import { guidePlan, planOf } from '../support/plans';
import { untilAllBegun } from '../support/meeting';
import { bareCloneOf, git, newRepository, write } from '../support/git-repository';
import { projectName, useSystem } from '../support/system';
import { expectDependenciesContained } from '../support/invariants';
import { cli, endpointsOf } from '../client/captured-cli';

const system = useSystem();

describe('the guide plan, in parallel', () => {
  test.each(['regular', 'squash'] as const)(
    '%s: everything lands, nothing is left behind',
    async (mergeStrategy) => {
      const project = projectName();
      const { path } = await newRepository();
      await system.import(guidePlan(project), path);
      const ended = await system.run({ project, parallel: true, mergeStrategy });
      expect(ended).toMatchObject({
        outcome: 'complete',
        result: { status: 'complete', tasks: { complete: 7 } },
      });

      const files = (await git(path, 'ls-tree', '--name-only', 'main')).split('\n');
      expect(files).toEqual(['a.txt', ...[1, 2, 3, 4, 5, 6, 7].map((id) => `file-${id}.txt`)]);
      expect(await git(path, 'status', '--porcelain')).toBe('');
      expect(await git(path, 'worktree', 'list', '--porcelain')).not.toContain('.worktrees');
      expect(await git(path, 'branch', '--list', 'epic-*')).toBe('');
      expect(await git(path, 'fsck', '--no-dangling')).toBe('');
      const merges = await git(path, 'log', '--first-parent', '--format=parents %p', 'main');
      const parents = merges.split('\n').map((line) => line.split(' ').length - 1);
      expect(parents).toEqual(mergeStrategy === 'regular' ? [2, 2, 2, 0] : [1, 1, 1, 0]);
      const trailer = '--format=%(trailers:key=YokeFlow-Session,valueonly,separator=%x2C)';
      const sessions = (await git(path, 'log', '--first-parent', trailer, 'main')).split('\n');
      expect(sessions.filter(Boolean)).toEqual(Array(3).fill(String(ended.result!.sessionId)));
      await expectDependenciesContained(system.db, project, path);
    },
  );

  test('every task is one commit with its trailers, its parent is its base', async () => {
    const project = projectName();
    const { path } = await newRepository();
    await system.import(
      guidePlan(
        project,
        (id) => `echo ${id} > f${id}; git add f${id}; git commit -qm "own ${id}"; echo more >> f${id}`,
      ),
      path,
    );
    const { result } = await system.run({ project, parallel: true });
    const log = await git(
      path,
      'log',
      '--no-merges',
      '--format=%s|%(trailers:key=YokeFlow-Task,valueonly,separator=)|%(trailers:key=YokeFlow-Session,valueonly,separator=)|%(trailers:key=YokeFlow-Attempt,valueonly,separator=)',
      'main',
    );
    expect(
      log
        .split('\n')
        .filter((line) => line !== 'start|||')
        .sort(),
    ).toEqual([1, 2, 3, 4, 5, 6, 7].map((id) => `Task ${id}|${id}|${result!.sessionId}|1`));
    expect(await git(path, 'log', '--no-merges', '--grep=own 3', '--format=%s', 'main')).toBe('Task 3');
    expect(await git(path, 'show', 'main:f3')).toBe('3\nmore');
    expect(await git(path, 'for-each-ref', '--format=%(refname)', 'refs/yokeflow/tasks')).toContain(
      'refs/yokeflow/tasks/7',
    );
    const shown = await cli(['show', 'T3', '--project', project], endpointsOf(system.databaseUrl));
    expect(shown.stdout.split('\n')).toEqual([
      'T3 Task 3: complete',
      'Epic 2 Part 2',
      expect.stringMatching(/^Try 1 {2}complete after \d+\.\d s, by script, session \d+$/),
      expect.stringMatching(/^ {7}[0-9a-f]{7} own 3$/),
      expect.stringMatching(/^Commit {2}[0-9a-f]{40}$/),
      '        f3  +2 -0',
      '        1 file, +2 -0',
      // T7 contains T3: its epic may land first.
      expect.stringMatching(/^Landed {2}on main with [0-9a-f]{7} Merge epic ([23]): Part \1, 20/),
      `Turn by turn: yokeflow transcript 3 --project ${project}`,
    ]);
  });
});

test('sequential: a linear history, one commit a task, no epic branches', async () => {
  const project = projectName();
  const { path } = await newRepository();
  await system.import(guidePlan(project), path);
  const ended = await system.run({ project });
  expect(ended.outcome).toBe('complete');
  const subjects = (await git(path, 'log', '--format=%s %p', 'main')).split('\n');
  expect(subjects).toHaveLength(8);
  expect(subjects.every((line) => line.split(' ').length <= 3)).toBe(true);
  expect(await git(path, 'branch', '--list')).toBe('* main');
  expect(await git(path, 'status', '--porcelain')).toBe('');
  await expectDependenciesContained(system.db, project, path);
});

/** Whether a filter finds one of Temporal's workflows: their list follows what happens a moment later. */
const isListed = (query: string) =>
  waitUntil(async () => (await system.temporal.client.workflow.count(query)).count === 1, 20_000);

test('a task that fails: its dependants are blocked, everything else is merged; the next session does the rest', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const action = (id: number) =>
    id === 3 ? `test -f ${system.folder}/fixed; echo 3 > f3` : `echo ${id} > f${id}`;
  await system.import(guidePlan(project, action), path);
  const ended = await system.run({ project, parallel: true, maxAttempts: 2 });
  expect(ended.outcome).toBe('SessionIncomplete');
  expect(ended.message).toContain('T3 failed: the script ended with exit code 1');
  expect(ended.result).toMatchObject({
    status: 'incomplete',
    tasks: { complete: 4, failed: 1, blocked: 2 },
    problems: expect.arrayContaining([
      { task: 5, status: 'blocked', reason: 'depends on T3, which failed' },
      { task: 7, status: 'blocked', reason: 'depends on T3, which failed' },
    ]),
  });
  expect(await git(path, 'log', '--first-parent', '--merges', '--format=%s', 'main')).toBe(
    'Merge epic 1: Part 1',
  );
  expect(await isListed(`Project = "${project}" AND Attention = true`)).toBe(true);

  await write(system.folder, { fixed: '' });
  const again = await system.run({ project, parallel: true });
  expect(await isListed(`Project = "${project}" AND Attention = false AND CostUsd = 0`)).toBe(true);
  expect(again).toMatchObject({ outcome: 'complete', result: { tasks: { complete: 7 } } });
  await expectDependenciesContained(system.db, project, path);

  const third = await system.run({ project, parallel: true });
  expect(third).toMatchObject({ outcome: 'complete', result: { tasks: { complete: 7 } } });
});

test('two epics that edit the same line: the second waits as a conflict; resolved by hand it lands', async () => {
  const project = projectName();
  const { path } = await newRepository();
  await system.import(conflictPlan(project, join(system.folder, `${project}-begun`)), path);
  const ended = await system.run({ project, parallel: true });
  expect(ended.outcome).toBe('SessionIncomplete');
  expect(ended.result!.epics).toContainEqual(
    expect.objectContaining({ epic: 2, status: 'conflict', files: [{ path: 'a.txt', kind: 'contents' }] }),
  );
  const worktree = `${path}/.worktrees/epic-2-part-2`;
  expect(await git(worktree, 'status', '--porcelain')).toBe('UU a.txt');
  expect(await git(path, 'show', 'main:a.txt')).toBe('1\ntwo\n3');
  expect(await git(path, 'status', '--porcelain')).toBe('');

  const unresolved = await system.run({ project, parallel: true });
  expect(unresolved.result!.epics).toContainEqual(expect.objectContaining({ epic: 2, status: 'conflict' }));
  expect(await git(worktree, 'status', '--porcelain')).toBe('UU a.txt');

  // As a person would who pastes what is printed, first without having edited anything.
  const paste = async ({ sessionId }: SessionResult) => {
    const { steps } = await sessionView(system.db, sessionId, hintFor({}));
    expect(steps.map(({ commands }) => commands.at(-1))).toEqual([`yokeflow merge 2 --project ${project}`]);
    const script = ['set -e', ...steps[0]!.commands.slice(0, -1)].join('\n');
    await promisify(execFile)('bash', ['-c', script], { env: { ...process.env, ...PERSON } });
    return steps[0]!.problem;
  };
  expect(await paste(unresolved.result!)).toContain('has a merge conflict in a.txt');
  const marked = await system.run({ project, parallel: true });
  expect(marked.result!.epics).toContainEqual(
    expect.objectContaining({
      epic: 2,
      status: 'conflict',
      reason: expect.stringContaining('conflict markers are still in a.txt'),
    }),
  );
  expect(await git(path, 'show', 'main:a.txt')).toBe('1\ntwo\n3');

  await write(worktree, { 'a.txt': '1\nboth\n3\n' });
  expect(await paste(marked.result!)).toContain('not all is committed');
  const resolved = await system.run({ project, parallel: true, epics: [2] });
  expect(resolved.outcome).toBe('complete');
  expect(await git(path, 'show', 'main:a.txt')).toBe('1\nboth\n3');
});

const PERSON = {
  GIT_AUTHOR_NAME: 'A User',
  GIT_AUTHOR_EMAIL: 'user@example.com',
  GIT_COMMITTER_NAME: 'A User',
  GIT_COMMITTER_EMAIL: 'user@example.com',
};

describe("the user's checkout", () => {
  test('uncommitted changes elsewhere stay, byte for byte, while main moves forward under them', async () => {
    const project = projectName();
    const { path } = await newRepository({ 'a.txt': '1\n', 'mine.txt': 'old\n' });
    await write(path, { 'mine.txt': 'my edit\n', 'untracked.txt': 'new\n' });
    await system.import(guidePlan(project), path);
    expect((await system.run({ project, parallel: true })).outcome).toBe('complete');
    expect(await git(path, 'status', '--porcelain')).toBe('M mine.txt\n?? untracked.txt');
    expect(await git(path, 'show', 'main:file-7.txt')).toBe('line of task 7');
  });

  test('files in the way, also of a folder: their epics wait as blocked, the others of the stack land', async () => {
    const project = projectName();
    const { path } = await newRepository();
    const mine = { 'same.txt': 'precious\n', file: 'precious\n', 'folder/file': 'precious\n' };
    await write(path, mine);
    const actions = [
      'echo 1 > same.txt',
      'mkdir file; echo 2 > file/inside',
      'echo 3 > folder',
      'echo 4 > free',
    ];
    const tasks = actions.map((action, at) => ({ id: at + 1, epic: at + 1, action, verify: 'true' }));
    // The first that is done is verified alone, until all the others are done.
    const done = join(system.folder, project);
    await mkdir(done);
    const first = { id: 5, epic: 5, action: 'echo 5 > first', verify: 'true' };
    for (const task of tasks)
      task.action += `; until [ -e ${done}/first ]; do sleep 0.1; done; touch ${done}/${task.id}`;
    const verify = `touch ${done}/first; until [ "$(ls ${done} | wc -l)" = 5 ]; do sleep 0.1; done; sleep 1`;
    const dependant = { id: 6, epic: 6, action: 'echo 6 > dependant', verify: 'true', after: [1] };
    await system.import(planOf(project, [...tasks, first, dependant], { verify }), path);
    const ended = await system.run({ project, parallel: true, maxConcurrency: 5 });
    const reasons = (result: SessionResult | undefined) =>
      result!.epics.filter(({ status }) => status === 'blocked').map(({ epic, reason }) => [epic, reason]);
    const waits = ['same.txt', 'file', 'folder/file'].map((name, at): unknown => [
      at + 1,
      expect.stringMatching(`: ${name}$`),
    ]);
    expect(reasons(ended.result)).toEqual([
      ...waits,
      [6, expect.stringMatching('^contains commits of epic-1,')],
    ]);
    expect(await git(path, 'show', 'main:free', 'main:first')).toBe('4\n5');
    expect(await git(path, 'status', '--porcelain')).toBe('?? file\n?? folder/\n?? same.txt');
    await write(path, { 'same.txt': null });
    await system.run({ project, parallel: true, epics: [1] });
    // It has no reason to wait any more, although that session was not about it.
    const { id: projectId } = (await findProject(system.db, project))!;
    expect((await getWorktree(system.db, { projectId, epic: 6 }))!.status).toBe('active');
    for (const name of ['file', 'folder/file']) await write(path, { [name]: null });
    expect((await system.run({ project, parallel: true })).outcome).toBe('complete');
    expect(await git(path, 'show', 'main:same.txt', 'main:file/inside', 'main:folder')).toBe('1\n2\n3');
  });

  test('a file in the way of a sequential session: once it is gone, main moves forward, without a merge', async () => {
    const project = projectName();
    const { path } = await newRepository();
    await write(path, { 'file-2.txt': 'precious\n' });
    const write1 = (id: number) => ({ id, epic: 1, action: `echo ${id} > file-${id}.txt` });
    await system.import(planOf(project, [write1(1), write1(2), write1(3)]), path);
    const ended = await system.run({ project });
    expect(ended).toMatchObject({ outcome: 'SessionIncomplete' });
    const { summary, unlanded } = await sessionView(system.db, ended.result!.sessionId, hintFor({}));
    expect(summary.epics[0]!.tasks.map((task) => waitsToLand(task, unlanded))).toEqual([false, true, true]);
    await git(path, 'stash', '--include-untracked');
    expect((await system.run({ project })).outcome).toBe('complete');
    expect(await git(path, 'log', '--merges', '--format=%s', 'main')).toBe('');
    expect(await git(path, 'show', 'main:file-3.txt')).toBe('3');
    expect(await git(path, 'rev-list', '--count', 'main')).toBe('4');
  });

  test('another branch checked out: it stays checked out and unchanged', async () => {
    const project = projectName();
    const { path } = await newRepository();
    await git(path, 'switch', '--quiet', '-c', 'feature');
    const head = await git(path, 'rev-parse', 'HEAD');
    await system.import(guidePlan(project), path);
    expect((await system.run({ project, parallel: true })).outcome).toBe('complete');
    expect(await git(path, 'symbolic-ref', '--short', 'HEAD')).toBe('feature');
    expect(await git(path, 'rev-parse', 'HEAD')).toBe(head);
    expect(await git(path, 'status', '--porcelain')).toBe('');
    expect(await git(path, 'show', 'main:file-7.txt')).toBe('line of task 7');
  });

  test('a bare repository', async () => {
    const project = projectName();
    const { path } = await bareCloneOf(await newRepository());
    await system.import(guidePlan(project), path);
    expect((await system.run({ project, parallel: true })).outcome).toBe('complete');
    expect(await git(path, 'show', 'main:file-7.txt')).toBe('line of task 7');
  });
});

test('verify: what it does not pass is not committed; the merged tree is verified before it lands', async () => {
  const project = projectName();
  const { path } = await newRepository();
  // Each is made on a main that lacks the other: else it would fail by itself.
  const meet = untilAllBegun(join(system.folder, project), 2);
  await system.import(
    planOf(
      project,
      [
        { id: 1, epic: 1, action: `${meet}; touch left` },
        { id: 2, epic: 2, action: `${meet}; touch right` },
        { id: 3, epic: 3, action: 'touch bad' },
      ],
      { verify: 'test ! -e bad && ! { test -e left && test -e right; }' },
    ),
    path,
  );
  const ended = await system.run({ project, parallel: true, maxAttempts: 1 });
  expect(ended.outcome).toBe('SessionIncomplete');
  expect(ended.result!.problems).toEqual([
    { task: 3, status: 'failed', reason: expect.stringContaining('verify ended with exit code 1') },
  ]);
  const files = (await git(path, 'ls-tree', '--name-only', 'main')).split('\n');
  expect(files.filter((file) => ['left', 'right', 'bad'].includes(file))).toHaveLength(1);
  expect(ended.result!.epics.filter((epic) => epic.status === 'blocked')).toEqual([
    expect.objectContaining({ reason: expect.stringContaining('verify of the merged tree') }),
  ]);
});

test('a verify that is killed from outside is run once again: the second time it counts', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const seen = `${path}/.git/seen`;
  const killedOnce = `test -e ${seen} || { touch ${seen}; kill -9 $$; }`;
  await system.import(
    planOf(project, [
      { id: 1, epic: 1, action: 'echo 1 > f1', verify: killedOnce },
      { id: 2, epic: 2, action: 'echo 2 > f2', verify: "sh -c 'kill -9 $$'" },
    ]),
    path,
  );
  const { result } = await system.run({ project, parallel: true, maxAttempts: 1 });
  expect(result!.problems).toEqual([
    { task: 2, status: 'failed', reason: expect.stringContaining('exit code 137') },
  ]);
  expect(await git(path, 'show', 'main:f1')).toBe('1');
});

test('a task that changes nothing has a commit all the same', async () => {
  const project = projectName();
  const { path } = await newRepository();
  await system.import(
    planOf(project, [
      { id: 1, epic: 1, action: 'true' },
      { id: 2, epic: 2, action: 'echo 2 > f2', after: [1] },
    ]),
    path,
  );
  expect((await system.run({ project, parallel: true })).outcome).toBe('complete');
  await expectDependenciesContained(system.db, project, path);
});

test('cancel: the script dies, its edits are kept as a snapshot, the next session goes on', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const gate = `${system.folder}/go-${project}`;
  await system.import(
    planOf(project, [
      { id: 1, epic: 1, action: `echo half > f1; test -e ${gate} || sleep 600; echo done > f1` },
    ]),
    path,
  );
  const handle = await system.start({ project, parallel: true });
  const half = `${path}/.worktrees/epic-1-part-1/f1`;
  while (!(await import('node:fs')).existsSync(half)) await new Promise((resolve) => setTimeout(resolve, 50));
  await handle.cancel();
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(await git(path, 'show', 'refs/yokeflow/wip/1/1:f1')).toBe('half');
  const { rows } = await system.db.query<{ status: string }>(
    `select s.status from yokeflow.sessions s join yokeflow.projects p on p.id = s.project_id where p.name = $1`,
    [project],
  );
  expect(rows).toEqual([{ status: 'cancelled' }]);
  await write(system.folder, { [`go-${project}`]: '' });
  expect((await system.run({ project, parallel: true })).outcome).toBe('complete');
  expect(await git(path, 'show', 'main:f1')).toBe('done');
});
