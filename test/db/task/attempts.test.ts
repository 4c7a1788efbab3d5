import { randomUUID } from 'node:crypto';
import { abandonAttempts, completeTask, failAttempt } from '../../../db/task/attempt-end';
import { finishAgent, recordVerified, setAttemptBase } from '../../../db/task/attempt-progress';
import { startAttempt } from '../../../db/task/attempt-start';
import { findAttempt, getAttempt, listAttempts } from '../../../db/task/attempts';
import { listEvents } from '../../../db/events/events';
import { releaseLease, takeLease } from '../../../db/worktree/leases';
import { getTask } from '../../../db/task/tasks';
import { recordTurn } from '../../../db/task/turns';
import { openFixture, type Fixture } from '../database';
import { begin, commitId, runningAttempt, type RunningAttempt } from '../scenario';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture(20);
});
afterAll(() => fixture.close());

const COMMIT = { commit: commitId('a'), baseCommit: commitId('b'), empty: false };
const owner = ({ attempt, token }: Pick<RunningAttempt, 'attempt' | 'token'>) => ({
  attemptId: attempt.id,
  token,
});
const lost = { name: 'LeaseLost', type: 'LeaseLost' };

/** Somebody else takes the worktree over. */
async function supersede({ backend }: RunningAttempt): Promise<number> {
  const grant = await takeLease(fixture.db, {
    worktreeId: backend.id,
    holder: randomUUID(),
    staleAfterMs: -1,
  });
  if (grant.kind !== 'taken') throw new Error('the lease was not taken');
  return grant.token;
}

const typesOf = async ({ session }: RunningAttempt) =>
  (await listEvents(fixture.db, { sessionId: session.id, after: 1 })).map((event) => event.type);

describe('starting', () => {
  test('makes the task run and says so, once for each key', async () => {
    const running = await runningAttempt(fixture.db);
    const again = await begin(fixture.db, running, 1, 'try-1');
    expect(again.token).toBe(running.token + 1);
    expect(again.attempt).toEqual({ ...running.attempt, token: again.token });
    expect(await typesOf(running)).toEqual(['task_started']);
    expect(await getTask(fixture.db, { projectId: running.projectId, task: 1 })).toMatchObject({
      status: 'running',
      attempts: 1,
    });
  });

  test('numbers the attempts of a task, and leaves one running', async () => {
    const running = await runningAttempt(fixture.db);
    const second = await begin(fixture.db, running, 1, 'try-2');
    expect(second.attempt.number).toBe(2);
    const attempts = await listAttempts(fixture.db, running.attempt.taskId);
    expect(attempts.map(({ number, status }) => [number, status])).toEqual([
      [1, 'abandoned'],
      [2, 'running'],
    ]);
  });

  test('finds an attempt that is over as it ended', async () => {
    const running = await runningAttempt(fixture.db);
    await completeTask(fixture.db, { ...owner(running), ...COMMIT });
    const again = await begin(fixture.db, running, 1, 'try-1');
    expect(again.attempt).toMatchObject({
      id: running.attempt.id,
      status: 'complete',
      commit: COMMIT.commit,
    });
    await expect(begin(fixture.db, running, 1, 'try-2')).rejects.toMatchObject({ name: 'PlanRefused' });
  });

  test('needs the lease', async () => {
    const running = await runningAttempt(fixture.db);
    const { attempt, session, backend, token } = running;
    await supersede(running);
    const { taskId } = attempt;
    const start = {
      taskId,
      sessionId: session.id,
      worktreeId: backend.id,
      key: 'late',
      token,
      agent: 'script' as const,
    };
    await expect(startAttempt(fixture.db, start)).rejects.toMatchObject(lost);
    expect(await findAttempt(fixture.db, { taskId, key: 'late' })).toBeNull();
  });
});

describe('fencing', () => {
  const writes: [string, (attempt: RunningAttempt) => Promise<unknown>][] = [
    ['setAttemptBase', (it) => setAttemptBase(fixture.db, { ...owner(it), baseCommit: commitId('c') })],
    ['finishAgent', (it) => finishAgent(fixture.db, { ...owner(it), outcome: 'done' })],
    ['recordVerified', (it) => recordVerified(fixture.db, { ...owner(it), tree: commitId('d') })],
    [
      'recordTurn',
      (it) => recordTurn(fixture.db, { ...owner(it), n: 0, kind: 'response', payload: {}, costNano: 5 }),
    ],
    ['failAttempt', (it) => failAttempt(fixture.db, { ...owner(it), reason: 'late', retrying: true })],
    ['completeTask', (it) => completeTask(fixture.db, { ...owner(it), ...COMMIT })],
  ];

  test.each(writes)('%s writes nothing under a superseded token', async (_, write) => {
    const running = await runningAttempt(fixture.db);
    await supersede(running);
    await expect(write(running)).rejects.toMatchObject(lost);
    expect(await getAttempt(fixture.db, running.attempt.id)).toEqual(running.attempt);
    expect(await typesOf(running)).toEqual(['task_started']);
  });

  test.each(writes)('%s writes nothing under a released lease', async (_, write) => {
    const running = await runningAttempt(fixture.db);
    await releaseLease(fixture.db, { worktreeId: running.backend.id, token: running.token });
    await expect(write(running)).rejects.toMatchObject(lost);
    expect(await getAttempt(fixture.db, running.attempt.id)).toEqual(running.attempt);
  });

  test.each(writes)('%s writes nothing to an attempt that was abandoned', async (_, write) => {
    const running = await runningAttempt(fixture.db);
    const { projectId } = running;
    const abandoned = await abandonAttempts(fixture.db, { projectId, status: 'abandoned', reason: 'gone' });
    expect(abandoned).toEqual([1]);
    await expect(write(running)).rejects.toMatchObject(lost);
    expect(await getAttempt(fixture.db, running.attempt.id)).toMatchObject({
      status: 'abandoned',
      costUsd: 0,
    });
  });

  test('a writer that waits while it is superseded has lost', async () => {
    const running = await runningAttempt(fixture.db);
    let writing: Promise<unknown> = Promise.resolve();
    await fixture.db.transaction(async (tx) => {
      const holder = 'other';
      await takeLease(tx, { worktreeId: running.backend.id, holder, staleAfterMs: -1 });
      writing = completeTask(fixture.db, { ...owner(running), ...COMMIT });
      writing.catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 100));
    });
    await expect(writing).rejects.toMatchObject(lost);
  });
});

describe('completing', () => {
  test('records attempt and task, and tells it once', async () => {
    const running = await runningAttempt(fixture.db);
    const { projectId, attempt } = running;
    await setAttemptBase(fixture.db, { ...owner(running), baseCommit: COMMIT.baseCommit });
    await finishAgent(fixture.db, {
      ...owner(running),
      outcome: 'done',
      outputTail: 'ok\0',
      usage: { input: 3 },
    });
    await recordVerified(fixture.db, { ...owner(running), tree: commitId('c') });
    const both = [1, 2].map(() => completeTask(fixture.db, { ...owner(running), ...COMMIT }));
    expect((await Promise.all(both)).sort()).toEqual(['already', 'recorded']);
    await supersede(running);
    expect(await completeTask(fixture.db, { ...owner(running), ...COMMIT })).toBe('already');
    expect(await getAttempt(fixture.db, attempt.id)).toMatchObject({
      status: 'complete',
      commit: COMMIT.commit,
      tree: commitId('c'),
      outcome: 'done',
      outputTail: 'ok\ufffd',
      usage: { input: 3 },
    });
    expect(await getTask(fixture.db, { projectId, task: 1 })).toMatchObject({
      status: 'complete',
      commit: COMMIT.commit,
      baseCommit: COMMIT.baseCommit,
      empty: false,
      durationMs: expect.any(Number),
    });
    const events = await listEvents(fixture.db, { sessionId: running.session.id, after: 2 });
    expect(events).toMatchObject([
      {
        type: 'task_complete',
        epic: 1,
        task: 1,
        data: { attempt: 1, commit: COMMIT.commit, empty: false, costUsd: 0 },
      },
    ]);
  });

  test('the database refuses a complete task without a commit', async () => {
    const { attempt } = await runningAttempt(fixture.db);
    const lying = fixture.db.query(`update yokeflow.tasks set status = 'complete' where id = $1`, [
      attempt.taskId,
    ]);
    await expect(lying).rejects.toThrow('complete_tasks_have_a_commit');
  });
});

test('an attempt that failed makes way for the next one', async () => {
  const running = await runningAttempt(fixture.db);
  const failure = { ...owner(running), reason: 'verify failed', outputTail: '1 test failed', retrying: true };
  expect(await failAttempt(fixture.db, failure)).toBe('recorded');
  expect(await failAttempt(fixture.db, failure)).toBe('already');
  expect(await getTask(fixture.db, { projectId: running.projectId, task: 1 })).toMatchObject({
    status: 'pending',
  });
  expect((await begin(fixture.db, running, 1, 'try-2')).attempt.number).toBe(2);
  expect(await typesOf(running)).toEqual(['task_started', 'task_retrying', 'task_started']);
});
