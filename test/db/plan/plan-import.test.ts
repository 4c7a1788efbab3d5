import { setTimeout as sleep } from 'node:timers/promises';
import type { Plan } from '../../../domain/plan/plan';
import { completeTask, failAttempt } from '../../../db/task/attempt-end';
import { importPlan, type ImportResult } from '../../../db/plan/plan-import';
import { loadPlan, loadSchedule } from '../../../db/plan/plan-load';
import { findProject } from '../../../db/project/projects';
import { closeSession } from '../../../db/session/session-close';
import { openSession } from '../../../db/session/session-open';
import { blockTasks, failTask, skipTask } from '../../../db/task/task-status';
import { getTask } from '../../../db/task/tasks';
import { openFixture, type Fixture } from '../database';
import { begin, commitId, repositoryOf, runningSession, smallPlan, task, uniqueName } from '../scenario';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const load = (plan: Plan): Promise<ImportResult> =>
  importPlan(fixture.db, { plan, repository: repositoryOf(plan.project) });

/** The small plan, whose task 1 is complete, task 2 failed and task 3 skipped, in a session that has ended. */
async function workedPlan(): Promise<{ plan: Plan; projectId: number }> {
  const running = await runningSession(fixture.db);
  const { projectId, session } = running;
  const { attempt, token } = await begin(fixture.db, running, 1, 'one');
  const commit = { commit: commitId('a'), baseCommit: commitId('b'), empty: false };
  await completeTask(fixture.db, { attemptId: attempt.id, token, ...commit });
  await failTask(fixture.db, { sessionId: session.id, task: 2, reason: 'it failed' });
  await skipTask(fixture.db, { sessionId: session.id, task: 3 });
  await closeSession(fixture.db, { sessionId: session.id, status: 'incomplete' });
  return { plan: smallPlan(session.project), projectId };
}

test('stores a plan with everything in it', async () => {
  const plan = smallPlan(uniqueName());
  plan.verify = 'npm test';
  const settings = { agent: 'codex' as const, model: 'gpt', verify: 'true', budgetUsd: 1.25 };
  plan.epics[1]!.tasks.push(task(4, { ...settings, priority: 5, dependsOn: [{ task: 3, type: 'soft' }] }));
  const result = await load(plan);
  expect(result).toMatchObject({ created: 4, updated: 0, unchanged: 0, kept: [], removed: [], warnings: [] });
  const stored = await loadPlan(fixture.db, result.projectId);
  expect(stored.project).toMatchObject({
    name: plan.project,
    baseBranch: 'main',
    verify: 'npm test',
    setup: null,
    cleanup: null,
  });
  expect(stored.epics.map(({ number, name }) => [number, name])).toEqual([
    [1, 'Backend'],
    [2, 'Frontend'],
  ]);
  expect(stored.epics[1]!.tasks[1]).toMatchObject({
    number: 4,
    epic: 2,
    ...settings,
    priority: 5,
    status: 'pending',
    dependsOn: [{ task: 3, type: 'soft' }],
  });
});

test('importing the same plan again changes nothing', async () => {
  const plan = smallPlan(uniqueName());
  const { projectId } = await load(plan);
  expect(await load(plan)).toEqual({
    projectId,
    created: 0,
    updated: 0,
    unchanged: 3,
    kept: [],
    removed: [],
    warnings: [],
    openSession: null,
  });
});

test('two imports of a new project at once make one plan', async () => {
  const plan = smallPlan(uniqueName());
  const results = await Promise.all([load(plan), load(plan), load(plan)]);
  expect(results.map((result) => result.created).sort()).toEqual([0, 0, 3]);
});

test('updates texts, dependencies and epics, and removes what the file no longer has', async () => {
  const plan = smallPlan(uniqueName());
  const { projectId } = await load(plan);
  plan.epics = [{ id: 1, name: 'Core', tasks: [task(1), task(2, { action: 'Do better' }), task(9)] }];
  expect(await load(plan)).toMatchObject({ created: 1, updated: 1, unchanged: 1, removed: [3] });
  const { epics } = await loadPlan(fixture.db, projectId);
  expect(epics).toHaveLength(1);
  expect(epics[0]!.name).toBe('Core');
  expect(epics[0]!.tasks[1]).toMatchObject({ action: 'Do better', dependsOn: [] });
});

test('keeps an epic without tasks that has a worktree: there may be work in it', async () => {
  const { session, projectId } = await runningSession(fixture.db);
  await closeSession(fixture.db, { sessionId: session.id, status: 'incomplete' });
  const { epics, ...plan } = smallPlan(session.project);
  expect(await load({ ...plan, epics: epics.slice(0, 1) })).toMatchObject({ removed: [3] });
  const stored = await loadPlan(fixture.db, projectId);
  expect(stored.epics.map(({ number, tasks }) => [number, tasks.length])).toEqual([
    [1, 2],
    [2, 0],
  ]);
});

test('keeps finished work, its commit and its epic, when the file changes or drops it', async () => {
  const { plan, projectId } = await workedPlan();
  plan.epics = [{ id: 5, name: 'New', tasks: [task(1, { description: 'Reworded' })] }];
  const result = await load(plan);
  expect(result).toMatchObject({ updated: 1, kept: [3], removed: [2] });
  expect(result.warnings).toEqual([
    'task 1 is complete and stays in epic 1, where its commit is',
    'task 1 is complete: its new definition is kept, but it does not run again',
  ]);
  expect(await getTask(fixture.db, { projectId, task: 1 })).toMatchObject({
    status: 'complete',
    commit: commitId('a'),
    description: 'Reworded',
    epic: 1,
  });
  const { epics } = await loadPlan(fixture.db, projectId);
  expect(epics.map((epic) => epic.number)).toEqual([1, 2, 5]);
});

test('refuses a further hard dependency of a complete task, and writes nothing; a soft one is fine', async () => {
  const { plan, projectId } = await workedPlan();
  plan.epics.push({ id: 7, name: 'Late', tasks: [task(9)] });
  const first = plan.epics[0]!.tasks[0]!;
  first.dependsOn = [{ task: 9, type: 'hard' }];
  await expect(load(plan)).rejects.toMatchObject({
    name: 'PlanRefused',
    message: expect.stringMatching(/^depends_on: task 1 is complete, .* task 9: make the dependency soft/),
  });
  expect((await loadPlan(fixture.db, projectId)).epics).toHaveLength(2);
  first.dependsOn = [{ task: 9, type: 'soft' }];
  expect(await load(plan)).toMatchObject({ created: 1, updated: 1 });
});

test('a failed task whose definition changes may run again, others stay as they are', async () => {
  const { plan, projectId } = await workedPlan();
  await load(plan);
  expect(await getTask(fixture.db, { projectId, task: 2 })).toMatchObject({ status: 'failed' });
  plan.epics[0]!.tasks[1]!.action = 'Do it another way';
  await load(plan);
  expect(await getTask(fixture.db, { projectId, task: 2 })).toMatchObject({
    status: 'pending',
    statusReason: null,
  });
});

describe('while a session is open', () => {
  test('refuses to change or remove a running task, and changes nothing then', async () => {
    const running = await runningSession(fixture.db);
    await begin(fixture.db, running, 1, 'one');
    const changed = smallPlan(running.session.project);
    changed.epics[0]!.tasks[0]!.action = 'Something else';
    changed.epics[1]!.name = 'Renamed';
    const refusal = {
      name: 'PlanRefused',
      type: 'InvalidInput',
      message: expect.stringMatching(/^T1: .*running now/),
    };
    await expect(load(changed)).rejects.toMatchObject(refusal);
    await expect(load({ ...changed, epics: [] })).rejects.toMatchObject(refusal);
    expect((await loadPlan(fixture.db, running.projectId)).epics[1]!.name).toBe('Frontend');
  });

  test('refuses to change or remove a task between two tries; one that has failed may change as often as one likes', async () => {
    const running = await runningSession(fixture.db);
    const { attempt, token } = await begin(fixture.db, running, 1, 'one');
    await failAttempt(fixture.db, { attemptId: attempt.id, token, reason: 'no', retrying: true });
    const changed = smallPlan(running.session.project);
    const [first, second] = changed.epics[0]!.tasks;
    first!.dependsOn = [{ task: 3, type: 'hard' }];
    for (const one of [second!, changed.epics[1]!.tasks[0]!]) one.dependsOn = [];
    const refusal = { name: 'PlanRefused', message: expect.stringMatching(/^T1: .*running now/) };
    await expect(load(changed)).rejects.toMatchObject(refusal);
    await expect(load({ ...changed, epics: [] })).rejects.toMatchObject(refusal);
    await failTask(fixture.db, { sessionId: running.session.id, task: 1, reason: 'no' });
    await load(changed);
    first!.action = 'Something else';
    expect(await load(changed)).toMatchObject({ updated: 1 });
    changed.epics[0]!.tasks.shift();
    expect(await load(changed)).toMatchObject({ removed: [1] });
  });

  test.each(['change', 'remove'])('refuses to %s a task that starts at this moment', async (how) => {
    const { session, projectId } = await runningSession(fixture.db);
    const changed = smallPlan(session.project);
    if (how === 'remove') changed.epics[1]!.tasks = [];
    else changed.epics[1]!.tasks[0]!.action = 'Something else';
    let loading: Promise<unknown> | undefined;
    await fixture.db.transaction(async (tx) => {
      await tx.query(`update yokeflow.tasks set status = 'running' where project_id = $1 and number = 3`, [
        projectId,
      ]);
      loading = load(changed).catch((error: unknown) => error);
      await sleep(300);
    });
    expect(await loading).toMatchObject({ message: expect.stringMatching(/^T3: .*running now/) });
    expect(await getTask(fixture.db, { projectId, task: 3 })).toMatchObject({ status: 'running' });
  });

  test('does not end each other with a record that changes the same tasks in another order', async () => {
    const project = uniqueName();
    const planIn = (order: number[], action: string): Plan => ({
      project,
      epics: [{ id: 1, name: 'One', tasks: order.map((id) => task(id, { action })) }],
    });
    const { projectId } = await load(planIn([1, 3, 2], 'as planned'));
    const start = { projectId, workflowId: `yokeflow-${project}`, runId: 'r', options: {} };
    const { id: sessionId } = await openSession(fixture.db, start);
    const both: Promise<unknown>[] = [];
    await fixture.db.transaction(async (tx) => {
      const lock = 'select from yokeflow.tasks where project_id = $1 and number = 3 for update';
      await tx.query(lock, [projectId]);
      both.push(load(planIn([2, 3, 1], 'otherwise')));
      await sleep(300);
      const blocked = [1, 3, 2].map((number) => ({ task: number, reason: 'depends on T9, which failed' }));
      both.push(blockTasks(fixture.db, { sessionId, blocked }));
      await sleep(300);
    });
    await Promise.all(both);
    expect((await getTask(fixture.db, { projectId, task: 3 })).action).toBe('otherwise');
  });

  test('takes other changes, and names the session that has to hear of it', async () => {
    const { session } = await runningSession(fixture.db);
    const plan = smallPlan(session.project);
    plan.epics[1]!.tasks.push(task(4));
    expect(await load(plan)).toMatchObject({ created: 1, warnings: [], openSession: session.id });
  });

  test('refuses to move the project to another repository', async () => {
    const { session } = await runningSession(fixture.db);
    const moving = importPlan(fixture.db, {
      plan: smallPlan(session.project),
      repository: repositoryOf('elsewhere'),
    });
    await expect(moving).rejects.toMatchObject({ name: 'PlanRefused' });
  });
});

describe('another repository', () => {
  const move = (plan: Plan) => importPlan(fixture.db, { plan, repository: repositoryOf('elsewhere') });

  test('is refused to a project with finished work, and nothing changes', async () => {
    const { plan, projectId } = await workedPlan();
    await fixture.db.query(`update yokeflow.worktrees set status = 'removed' where project_id = $1`, [
      projectId,
    ]);
    await expect(move({ ...plan, epics: [] })).rejects.toMatchObject({
      name: 'PlanRefused',
      type: 'InvalidInput',
      message: expect.stringMatching(
        new RegExp(
          `finished work \\(complete tasks: 1\\) in .*--repo /repositories/${plan.project}, where a symbolic link will do, or`,
        ),
      ),
    });
    const { project, epics } = await loadPlan(fixture.db, projectId);
    expect([project.gitDir, epics.length]).toEqual([repositoryOf(plan.project).gitDir, 2]);
  });

  test('is refused to a project with a worktree', async () => {
    const { session } = await runningSession(fixture.db);
    await closeSession(fixture.db, { sessionId: session.id, status: 'cancelled' });
    await expect(move(smallPlan(session.project))).rejects.toThrow(/a worktree on epic-1 in .*--repo/);
  });

  test('is free to a project without work, with a warning', async () => {
    const plan = smallPlan(uniqueName());
    const { projectId } = await load(plan);
    const repository = repositoryOf(uniqueName('empty'));
    const { warnings } = await importPlan(fixture.db, { plan, repository });
    expect(warnings).toEqual([`project "${plan.project}" has moved here from /repositories/${plan.project}`]);
    expect((await loadPlan(fixture.db, projectId)).project.gitDir).toBe(repository.gitDir);
  });
});

describe('a repository that another project has run in', () => {
  const begin = (projectId: number, workflowId: string) =>
    openSession(fixture.db, { projectId, workflowId, runId: 'run-1', options: {} });

  test('is refused, whatever became of the work, and nothing is written; the first one may import again', async () => {
    const { plan, projectId } = await workedPlan();
    await fixture.db.query(`update yokeflow.worktrees set status = 'removed' where project_id = $1`, [
      projectId,
    ]);
    const second = smallPlan(uniqueName());
    const repository = repositoryOf(plan.project);
    await expect(importPlan(fixture.db, { plan: second, repository })).rejects.toMatchObject({
      name: 'PlanRefused',
      type: 'InvalidInput',
      message:
        `project: "${plan.project}" has run in ${repository.path}, and a repository holds the work of one project: ` +
        'give the plan that name (and new tasks new numbers) and import it again, or use another clone',
    });
    expect(await findProject(fixture.db, second.project)).toBeNull();
    await expect(importPlan(fixture.db, { plan, repository })).resolves.toMatchObject({ projectId });
  });

  test('where two were imported before either had run, the second one to start is refused', async () => {
    const [first, second] = [smallPlan(uniqueName()), smallPlan(uniqueName())];
    const repository = repositoryOf(first.project);
    const { projectId } = await importPlan(fixture.db, { plan: first, repository });
    const other = await importPlan(fixture.db, { plan: second, repository });
    expect(other.warnings).toEqual([
      `project "${first.project}" is in this repository too: only the one that runs first can run`,
    ]);
    const starts = await Promise.allSettled([begin(projectId, 'w-1'), begin(other.projectId, 'w-2')]);
    const refusals = starts.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refusals).toEqual([
      expect.objectContaining({
        type: 'RepositoryUnusable',
        message: expect.stringMatching(/has run in .*and import it again, or use another clone/),
      }),
    ]);
  });
});

test.each([
  [
    [
      task(1, { dependsOn: [{ task: 2, type: 'hard' }] }),
      task(2, { dependsOn: [{ task: 1, type: 'hard' }] }),
    ],
    /Circular.*\(1, 2, 1\)/,
  ],
  [[task(1, { dependsOn: [{ task: 8, type: 'soft' }] })], /task 1 depends on 8/],
  [[task(1), task(1)], /number 1/],
])('refuses a plan whose graph is wrong: %#', async (tasks, message) => {
  const plan: Plan = { project: uniqueName(), epics: [{ id: 1, name: 'Epic', tasks }] };
  await expect(load(plan)).rejects.toThrow(message);
});

test('10,000 tasks are imported, imported again and paged through in seconds', async () => {
  const tasks = Array.from({ length: 10_000 }, (_, n) =>
    task(n + 1, { dependsOn: n ? [{ task: n, type: 'hard' }] : [] }),
  );
  const epics = Array.from({ length: 100 }, (_, n) => ({
    id: n + 1,
    name: `Epic ${n + 1}`,
    tasks: tasks.slice(n * 100, n * 100 + 100),
  }));
  const plan: Plan = { project: uniqueName(), epics };
  const started = performance.now();
  const { created, projectId } = await load(plan);
  const { unchanged } = await load(plan);
  const rows = [];
  for (let page = await loadSchedule(fixture.db, projectId, { after: 0, limit: 1000 }); page.length > 0;) {
    rows.push(...page);
    page = await loadSchedule(fixture.db, projectId, { after: rows.at(-1)!.task, limit: 1000 });
  }
  expect([created, unchanged, rows.length]).toEqual([10_000, 10_000, 10_000]);
  expect(rows[4999]).toEqual({
    task: 5000,
    epic: 50,
    reason: null,
    priority: 100,
    status: 'pending',
    dependsOn: [4999],
    title: 'Task 5000',
    agent: null,
    model: null,
  });
  expect(performance.now() - started).toBeLessThan(15_000);
});
