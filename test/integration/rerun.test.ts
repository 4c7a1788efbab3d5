import { readFile, rename, rm, symlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Plan } from '../../domain/plan/plan';
import {
  commit,
  git,
  newRepository,
  removeTemporaryFolders,
  repositoryWithSubmodules,
  temporaryFolder,
  write,
} from '../support/git-repository';
import { expectDependenciesContained } from '../support/invariants';
import { guidePlan, planOf } from '../support/plans';
import { projectName, startSystem, type System } from '../support/system';

let system: System;
let folder: string;
beforeEach(async () => {
  system = await startSystem();
  folder = await temporaryFolder();
});
afterEach(() => system.close());
afterAll(removeTemporaryFolders);

/** Which tasks ran, in order: each script writes its number down. */
const ran = async () => (await readFile(`${folder}/ran`, 'utf8').catch(() => '')).split('\n').filter(Boolean);
const forget = () => rm(`${folder}/ran`, { force: true });

const describedAs = (plan: Plan, id: number, description: string): Plan => ({
  ...plan,
  epics: plan.epics.map((epic) => ({
    ...epic,
    tasks: epic.tasks.map((one) => (one.id === id ? { ...one, description } : one)),
  })),
});

test('a database from before the session: what git holds is taken over, what does not fit is reported and done', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const action = (id: number) =>
    `echo ${id} >> ${folder}/ran; ${id === 3 ? `test -e ${folder}/fixed; ` : ''}echo ${id} >> f${id}`;
  const plan = guidePlan(project, action);
  await system.import(plan, path);
  const first = await system.run({ project, parallel: true, maxAttempts: 1 });
  expect(first.result).toMatchObject({ tasks: { complete: 4, failed: 1, blocked: 2 } });
  await system.close();

  system = await startSystem();
  await forget();
  await write(folder, { fixed: '' });
  await system.import(describedAs(plan, 6, 'Another task'), path);
  const second = await system.run({ project, parallel: true });
  expect(second).toMatchObject({ outcome: 'complete', result: { tasks: { complete: 7 } } });
  expect((await ran()).sort()).toEqual(['3', '5', '6', '7']);
  for (const task of [1, 2, 4]) {
    const found = expect.stringMatching(
      new RegExp(`^T${task} was finished in git \\([0-9a-f]{10}\\) and not in the database: taken over$`),
    );
    expect(second.result!.notes).toContainEqual(found);
  }
  expect(second.result!.notes).toContain(
    'refs/yokeflow/tasks/6 is of another task, "Task 6": T6 is done as the plan has it',
  );
  for (const id of [1, 2, 3, 4, 5, 7]) expect(await git(path, 'show', `main:f${id}`)).toBe(`${id}`);
  await expectDependenciesContained(system.db, project, path);
  expect(await git(path, 'worktree', 'list', '--porcelain')).not.toContain('.worktrees');

  await forget();
  const third = await system.run({ project, parallel: true });
  expect(third).toMatchObject({
    outcome: 'complete',
    result: { notes: [expect.stringMatching(/^nothing/)] },
  });
  expect(await ran()).toEqual([]);
}, 120_000);

test('terminated, then the worktree deleted, the branch moved and the plan changed by hand: finished work is kept', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const tasks = [
    { id: 1, epic: 1, action: `echo 1 >> ${folder}/ran; echo 1 > f1` },
    {
      id: 2,
      epic: 1,
      after: [1],
      action: `echo 2 >> ${folder}/ran; echo half > f2; test -e ${folder}/go || sleep 600; echo 2 > f2`,
    },
  ];
  await system.import(planOf(project, tasks), path);
  const handle = await system.start({ project, parallel: true });
  while ((await ran()).length < 2) await sleep(50);
  await handle.terminate();
  // Its worker has heard of that, and works there no more.
  const epic = system.temporal.client.workflow.getHandle(`yokeflow-${project}/epic-1`);
  while ((await epic.describe()).status.name === 'RUNNING') await sleep(50);

  const tree = `${path}/.worktrees/epic-1-part-1`;
  await rm(tree, { recursive: true });
  await git(path, 'worktree', 'prune', '--expire', 'now');
  await git(path, 'branch', '--force', 'epic-1-part-1', 'main');
  await write(folder, { go: '' });
  await system.import(
    planOf(project, [...tasks, { id: 3, epic: 1, action: `echo 3 >> ${folder}/ran; echo 3 > f3` }]),
    path,
  );
  const ended = await system.run({ project, parallel: true });
  expect(ended).toMatchObject({ outcome: 'complete', result: { tasks: { complete: 3 } } });
  expect((await ran()).filter((id) => id === '1')).toHaveLength(1);
  expect(await git(path, 'show', 'main:f1')).toBe('1');
  expect(await git(path, 'show', 'main:f2')).toBe('2');
  expect(await git(path, 'show', 'main:f3')).toBe('3');
  await expectDependenciesContained(system.db, project, path);
  const { rows } = await system.db.query<{ status: string }>(
    `select s.status from yokeflow.sessions s join yokeflow.projects p on p.id = s.project_id
     where p.name = $1 order by s.id`,
    [project],
  );
  expect(rows.map(({ status }) => status)).toEqual(['cancelled', 'complete']);
}, 120_000);

/** A project whose second task fails until there is a file `go`. */
async function heldUp() {
  const project = projectName();
  const { path } = await newRepository();
  const plan = planOf(project, [
    { id: 1, epic: 1, action: 'echo 1 > f1' },
    { id: 2, epic: 1, after: [1], action: `test -e ${folder}/go && echo 2 > f2` },
  ]);
  await system.import(plan, path);
  return { project, path, plan };
}

test('a branch that a person reset: what a later task needs of it is brought back, and the result says so', async () => {
  const { project, path } = await heldUp();
  await system.run({ project, parallel: true, maxAttempts: 1 });
  await git(`${path}/.worktrees/epic-1-part-1`, 'reset', '--hard', 'main');
  await write(folder, { go: '' });
  const { outcome, result } = await system.run({ project, parallel: true });
  expect(outcome).toBe('complete');
  expect(result!.notes).toEqual(['epic-1-part-1 had lost T1: brought back from the commits that are pinned']);
  expect(await git(path, 'show', 'main:f1')).toBe('1');
}, 120_000);

/** A person writes these files into a folder of the worktree between two runs. @returns where they are kept */
async function leftByHand(path: string, inside: string, files: Record<string, string>): Promise<string> {
  const project = projectName();
  await system.import(
    planOf(project, [{ id: 1, epic: 1, action: `test -e ${folder}/go && echo 1 > f1` }]),
    path,
  );
  await system.run({ project, parallel: true, maxAttempts: 1 });
  await write(`${path}/.worktrees/epic-1-part-1/${inside}`, files);
  await write(folder, { go: '' });
  const { outcome, result } = await system.run({ project, parallel: true });
  expect(outcome).toBe('complete');
  const ref = 'refs/yokeflow/wip/1/before-2';
  expect(result!.notes).toEqual([
    `epic-1-part-1 had uncommitted changes before T1: put aside, and kept at ${ref}`,
  ]);
  return ref;
}

test('changes that a person left uncommitted in a worktree are put aside, and the result says where', async () => {
  const { path } = await newRepository();
  const ref = await leftByHand(path, '.', { mine: 'by hand' });
  expect(await git(path, 'show', `${ref}:mine`)).toBe('by hand');
}, 120_000);

test('so are those in a submodule, of which the worktree itself shows nothing', async () => {
  const { path } = await repositoryWithSubmodules();
  const ref = await leftByHand(path, 'libs/lib', { 'lib.txt': 'by hand', mine: 'new' });
  expect(await git(path, 'show', `${ref}:libs/lib/lib.txt`, `${ref}:libs/lib/mine`)).toBe('by handnew');
}, 120_000);

test('what a person commits while a task is being committed is kept, though that is tried again', async () => {
  await system.close();
  const project = projectName();
  const { path } = await newRepository();
  const worktree = `${path}/.worktrees/epic-1-part-1`;
  const lock = `${path}/.git/refs/heads/epic-1-part-1.lock`;
  let made: string | undefined;
  system = await startSystem({
    around: (activities) => ({
      ...activities,
      completeTask: (input) =>
        activities.completeTask(input).catch(async (error: unknown) => {
          await rm(lock, { force: true });
          made ??= await commit(worktree, 'by hand', { mine: 'by hand' });
          throw error;
        }),
    }),
  });
  const verify = `test -e ${folder}/locked || { touch ${folder}/locked; echo > ${lock}; }`;
  await system.import(planOf(project, [{ id: 1, epic: 1, action: 'echo 1 > f1' }], { verify }), path);
  expect(await system.run({ project, parallel: true })).toMatchObject({ outcome: 'complete' });
  expect(await git(path, 'for-each-ref', '--format=%(refname)', '--contains', made!)).toBe(
    'refs/yokeflow/wip/1/1',
  );
}, 120_000);

test('a person who went to another commit in a worktree, and left changes there, loses no commit of the branch', async () => {
  const { project, path } = await heldUp();
  await system.run({ project, parallel: true, maxAttempts: 1 });
  const worktree = `${path}/.worktrees/epic-1-part-1`;
  await commit(worktree, 'by hand', { mine: 'by hand' });
  await git(worktree, 'checkout', '--quiet', '--detach', 'main');
  await write(worktree, { stray: 'stray' });
  await write(folder, { go: '' });
  const { outcome, result } = await system.run({ project, parallel: true });
  expect(outcome).toBe('complete');
  expect(result!.notes).toEqual([expect.stringMatching(/had uncommitted changes before T\d: put aside/)]);
  expect(await git(path, 'show', 'main:mine')).toBe('by hand');
}, 120_000);

test.each(['regular', 'squash'] as const)(
  '%s: a database from before the landing: what has landed is shown as merged, with its commit',
  async (mergeStrategy) => {
    const project = projectName();
    const { path } = await newRepository();
    const tasks = [1, 2].map((id) => ({
      id,
      epic: 1,
      action: `echo ${id} > f${id}`,
      after: id === 1 ? [] : [1],
    }));
    await system.import(planOf(project, tasks), path);
    const input = { project, parallel: true, mergeStrategy };
    const landed = (await system.run(input)).result!.epics[0]!.mergeCommit;
    expect(await git(path, 'rev-parse', 'main')).toBe(landed);
    await system.db.query(
      `update yokeflow.worktrees set status = 'active', merge_commit = null, merged_at = null
       where project_id = (select id from yokeflow.projects where name = $1)`,
      [project],
    );
    const { result } = await system.run(input);
    expect(result!.epics).toEqual([{ epic: 1, status: 'merged', mergeCommit: landed }]);
  },
  120_000,
);

test('terminated, and the branch moved by hand before its worker knows: put back, told, and kept', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const action = `echo 2 >> ${folder}/ran; test -e ${folder}/go || sleep 600; echo 2 > f2`;
  const tasks = [
    { id: 1, epic: 1, action: 'echo 1 > f1' },
    { id: 2, epic: 1, after: [1], action },
  ];
  await system.import(planOf(project, tasks), path);
  const handle = await system.start({ project, parallel: true });
  while ((await ran()).length < 1) await sleep(50);
  const tree = `${path}/.worktrees/epic-1-part-1`;
  const began = await git(tree, 'rev-parse', 'HEAD');
  await git(tree, 'reset', '--quiet', '--hard', 'main');
  const moved = await commit(tree, 'by hand', { 'mine.txt': 'mine' });
  await rm(tree, { recursive: true });
  await handle.terminate();
  await write(folder, { go: '' });
  expect(await system.run({ project, parallel: true })).toMatchObject({ outcome: 'complete' });
  const keptAt = `refs/yokeflow/moved/${moved.slice(0, 10)}`;
  const { rows } = await system.db.query<{ note: string }>(
    `select data ->> 'note' as note from yokeflow.events e join yokeflow.sessions s on s.id = e.session_id
     join yokeflow.projects p on p.id = s.project_id where p.name = $1 and e.type = 'attention_needed'`,
    [project],
  );
  expect(rows).toContainEqual({
    note:
      `epic-1-part-1 had been moved to ${moved.slice(0, 10)}, without what T2 began on: ` +
      `put back on ${began.slice(0, 10)}, and what it was at is kept at ${keptAt}`,
  });
  expect(await git(path, 'show', `${keptAt}:mine.txt`)).toBe('mine');
  for (const id of [1, 2]) expect(await git(path, 'show', `main:f${id}`)).toBe(`${id}`);
}, 120_000);

test('a merge that a lost try had begun is kept, and does not wait for anybody', async () => {
  const { project, path } = await heldUp();
  const input = { project, parallel: true, maxAttempts: 1 };
  await system.run(input);
  const tree = `${path}/.worktrees/epic-1-part-1`;
  // As if its worker had been killed in the middle, and the session terminated.
  const { rows } = await system.db.query<{ number: number }>(
    `update yokeflow.task_attempts a set status = 'abandoned', outcome = null, ended_at = now()
     from yokeflow.tasks t join yokeflow.projects p on p.id = t.project_id
     where t.id = a.task_id and t.number = 2 and p.name = $1 returning a.number`,
    [project],
  );
  await git(tree, 'checkout', '--quiet', '-b', 'other', 'main');
  await commit(tree, 'theirs', { f1: 'theirs' });
  await git(tree, 'checkout', '--quiet', 'epic-1-part-1');
  await expect(git(tree, 'merge', 'other')).rejects.toThrow();
  await write(folder, { go: '' });
  expect(await system.run(input)).toMatchObject({ outcome: 'complete' });
  expect(await git(path, 'show', 'main:f1', 'main:f2')).toBe('1\n2');
  const kept = `refs/yokeflow/wip/2/${rows[0]!.number}`;
  expect(await git(path, 'show', `${kept}:f1`)).toContain('>>>>>>> other');
}, 120_000);

test.each([
  ['a link where it was', (from: string, to: string) => symlink(to, from)],
  ['importing the plan from there', (_from: string, to: string, plan: Plan) => system.import(plan, to)],
])(
  'a repository that was moved: what it says to do, %s, is enough to go on',
  async (_name, remedy) => {
    const { project, path, plan } = await heldUp();
    const input = { project, parallel: true, maxAttempts: 1 };
    await system.run(input);
    const moved = `${path}-moved`;
    await rename(path, moved);
    await write(folder, { go: '' });
    expect(await system.run(input)).toMatchObject({
      outcome: 'RepositoryUnusable',
      message: expect.stringMatching(
        new RegExp(
          `^${path} is gone: .*a symbolic link to where it is now; .*import its plan again with --repo`,
        ),
      ),
    });
    await remedy(path, moved, plan);
    expect(await system.run(input)).toMatchObject({
      outcome: 'complete',
      result: { tasks: { complete: 2 } },
    });
    expect(await git(moved, 'show', 'main:f1', 'main:f2')).toBe('1\n2');
    expect(await git(moved, 'status', '--porcelain')).toBe('');
    expect(await git(moved, 'worktree', 'list', '--porcelain')).not.toContain('.worktrees');
    expect(await system.import(plan, moved)).toBeUndefined();
  },
  120_000,
);

test('a clone in the place of a repository that is gone is not that repository', async () => {
  const { project, path, plan } = await heldUp();
  await system.run({ project, parallel: true, maxAttempts: 1 });
  const moved = `${path}-moved`;
  await git(path, 'clone', '--quiet', path, moved);
  await rm(path, { recursive: true });
  await expect(system.import(plan, moved)).rejects.toThrow(`cannot move to ${moved}`);
}, 120_000);
