import { completeTask, failAttempt } from '../../../db/task/attempt-end';
import { addDependency, createEpic, createTask } from '../../../db/plan/plan-edit';
import { findEpic, listEpics, loadSchedule } from '../../../db/plan/plan-load';
import { getProject, createProject } from '../../../db/project/projects';
import { failTask } from '../../../db/task/task-status';
import { storeRetryRequest } from '../../../db/task/retry-request';
import { dependencyCommits, getTask } from '../../../db/task/tasks';
import { openFixture, type Fixture } from '../database';
import { begin, commitId, repositoryOf, runningSession, uniqueName } from '../scenario';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

async function project() {
  const name = uniqueName();
  const { id } = await createProject(fixture.db, { name, repository: repositoryOf(name) });
  const epic = await createEpic(fixture.db, { projectId: id, name: 'First' });
  const add = (dependsOn: number[] = [], dependencyType?: 'hard' | 'soft') =>
    createTask(fixture.db, {
      projectId: id,
      epicId: epic.id,
      description: 'A task',
      action: 'Do it',
      dependsOn,
      dependencyType,
    });
  return { name, projectId: id, epic, add };
}

test('numbers epics and tasks within their project', async () => {
  await project();
  const { projectId, epic, add } = await project();
  expect(epic.number).toBe(1);
  expect((await createEpic(fixture.db, { projectId, name: 'Late', number: 42 })).number).toBe(42);
  expect((await createEpic(fixture.db, { projectId, name: 'Next' })).number).toBe(43);
  const numbers = await Promise.all([add(), add(), add(), add()].map(async (made) => (await made).number));
  expect(numbers.sort()).toEqual([1, 2, 3, 4]);
  expect(await listEpics(fixture.db, projectId)).toMatchObject([
    { number: 1, unfinished: 4, complete: 0 },
    { number: 42, unfinished: 0 },
    { number: 43, unfinished: 0 },
  ]);
});

test('stores dependencies with their type; only hard ones are scheduled by', async () => {
  const { projectId, add } = await project();
  await add();
  await add();
  const { id } = await add([1], 'hard');
  await add([1, 3], 'soft');
  await addDependency(fixture.db, { projectId, task: 3, dependsOn: 2 });
  const schedule = await loadSchedule(fixture.db, projectId, { after: 0, limit: 10 });
  expect(schedule.map((row) => row.dependsOn)).toEqual([[], [], [1, 2], []]);
  expect((await dependencyCommits(fixture.db, id)).map((needed) => needed.task)).toEqual([1, 2]);
  expect((await getTask(fixture.db, { projectId, task: 4 })).dependsOn).toEqual([
    { task: 1, type: 'soft' },
    { task: 3, type: 'soft' },
  ]);
});

test('the schedule names the model that a retry asked for', async () => {
  const { projectId, add } = await project();
  await add();
  await storeRetryRequest(fixture.db, { projectId, task: 1, model: 'opus' });
  const [row] = await loadSchedule(fixture.db, projectId, { after: 0, limit: 10 });
  expect(row!.model).toBe('opus');
});

test('refuses a dependency on what does not exist, on itself, and around a circle', async () => {
  const { projectId, add } = await project();
  await add();
  await add([1]);
  await expect(add([99])).rejects.toThrow('task 3 cannot depend on 99');
  await expect(add([3])).rejects.toThrow('cannot depend on itself');
  await expect(addDependency(fixture.db, { projectId, task: 1, dependsOn: 2 })).rejects.toThrow(
    'Circular dependencies detected: [(1, 2, 1)]',
  );
  await addDependency(fixture.db, { projectId, task: 1, dependsOn: 2, type: 'soft' });
  const schedule = await loadSchedule(fixture.db, projectId, { after: 0, limit: 10 });
  expect(schedule.map((row) => row.dependsOn)).toEqual([[], [1]]);
});

test('two additions at once cannot close a circle together', async () => {
  const { projectId, add } = await project();
  await add();
  await add();
  const edges = [
    { projectId, task: 1, dependsOn: 2 },
    { projectId, task: 2, dependsOn: 1 },
  ];
  const results = await Promise.allSettled(edges.map((edge) => addDependency(fixture.db, edge)));
  expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('says what there is when something is not found', async () => {
  const { name, projectId } = await project();
  expect((await getProject(fixture.db, name)).id).toBe(projectId);
  await expect(getProject(fixture.db, 'nope')).rejects.toThrow(
    /no project "nope": import a plan for it, or use one of/,
  );
  await expect(findEpic(fixture.db, projectId, 7)).rejects.toThrow(
    /^epic 7 is not in the plan: see yokeflow plan show --project \S+$/,
  );
  await expect(getTask(fixture.db, { projectId, task: 7 })).rejects.toThrow('task 7 is not in the plan');
});

test('refuses a script task without its script', async () => {
  const { projectId, epic } = await project();
  const task = { projectId, epicId: epic.id, description: 'rm notes', action: '', agent: 'script' as const };
  await expect(createTask(fixture.db, task)).rejects.toMatchObject({
    name: 'PlanRefused',
    message: 'action: is missing; a script task needs the script to run',
  });
});

test('refuses a hard dependency of a task that is complete or at work: its commit would not contain it', async () => {
  const running = await runningSession(fixture.db);
  const { projectId, session } = running;
  const { attempt, token } = await begin(fixture.db, running, 1, 'one');
  const on3 = (task: number, type?: 'soft') =>
    addDependency(fixture.db, { projectId, task, dependsOn: 3, type });
  await addDependency(fixture.db, { projectId, task: 3, dependsOn: 1, type: 'soft' });
  const refusal = (is: string) => ({
    name: 'PlanRefused',
    message: expect.stringContaining(
      `depends_on: task 1 is ${is}, so its commit cannot contain that of task 3`,
    ),
  });
  await expect(on3(1)).rejects.toMatchObject(refusal('at work'));
  await failAttempt(fixture.db, { attemptId: attempt.id, token, reason: 'no', retrying: true });
  await expect(on3(1)).rejects.toMatchObject(refusal('at work'));
  await failTask(fixture.db, { sessionId: session.id, task: 1, reason: 'no' });
  await on3(1);
  const again = await begin(fixture.db, running, 2, 'two');
  const commit = { commit: commitId('a'), baseCommit: commitId('b'), empty: false };
  await completeTask(fixture.db, { attemptId: again.attempt.id, token: again.token, ...commit });
  await expect(on3(2)).rejects.toMatchObject({ message: expect.stringContaining('task 2 is complete') });
  await on3(2, 'soft');
  await addDependency(fixture.db, { projectId, task: 2, dependsOn: 1 });
});
