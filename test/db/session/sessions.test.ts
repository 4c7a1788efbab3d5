import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { completeTask, failAttempt } from '../../../db/task/attempt-end';
import { getAttempt } from '../../../db/task/attempts';
import { getParallelBatches, recordBatches } from '../../../db/events/batches';
import { listEvents } from '../../../db/events/events';
import { closeSession } from '../../../db/session/session-close';
import { openSession } from '../../../db/session/session-open';
import { noteFor } from '../../../db/session/session-notes';
import { setSessionStatus } from '../../../db/session/session-pause';
import { findOpenSession, getSession, latestSession, listSessions } from '../../../db/session/sessions';
import { sessionSummary } from '../../../db/session/summary';
import { blockTasks, failTask, reopenTasks, skipTask, unblockTasks } from '../../../db/task/task-status';
import { getTask } from '../../../db/task/tasks';
import type { Queryable } from '../../../db/connection/connection';
import { openFixture, type Fixture } from '../database';
import { begin, commitId, runningAttempt, runningSession } from '../scenario';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture(20);
});
afterAll(() => fixture.close());

const open = (projectId: number, workflowId: string, runId: string) =>
  openSession(fixture.db, { projectId, workflowId, runId, options: {} });

const typesOf = async (sessionId: number) =>
  (await listEvents(fixture.db, { sessionId })).map((event) => [event.type, event.task]);

const status = async (projectId: number, task: number) =>
  (await getTask(fixture.db, { projectId, task })).status;

describe('opening', () => {
  test('finds the session of the same run again', async () => {
    const { projectId, session } = await runningSession(fixture.db);
    const again = await Promise.all([1, 2, 3].map(() => open(projectId, session.workflowId, 'run-1')));
    expect(again.map(({ id }) => id)).toEqual([session.id, session.id, session.id]);
    expect(await typesOf(session.id)).toEqual([['session_started', null]]);
  });

  test('of the same run again, after it has ended: somebody reset its workflow', async () => {
    const { projectId, session } = await runningSession(fixture.db);
    await failTask(fixture.db, { sessionId: session.id, task: 1, reason: 'no' });
    await closeSession(fixture.db, { sessionId: session.id, status: 'incomplete', reason: 'T1 failed' });
    const again = await open(projectId, session.workflowId, 'run-1');
    expect(again).toMatchObject({ id: session.id, status: 'running', statusReason: null, endedAt: null });
    expect(await findOpenSession(fixture.db, projectId)).toMatchObject({ id: session.id });
    expect(await status(projectId, 1)).toBe('pending');
    await closeSession(fixture.db, { sessionId: session.id, status: 'complete' });
    expect(await getSession(fixture.db, session.id)).toMatchObject({ status: 'complete' });
    const types = (await typesOf(session.id)).map(([type]) => type);
    expect(types.filter((type) => type?.toString().startsWith('session_'))).toEqual([
      ...['session_started', 'session_complete', 'session_started', 'session_complete'],
    ]);
  });

  test('refuses a second session of a project and names the open one', async () => {
    const { projectId, session } = await runningSession(fixture.db);
    await expect(open(projectId, 'another', 'run-1')).rejects.toMatchObject({
      name: 'SessionOpen',
      type: 'ProjectBusy',
      sessionId: session.id,
      workflowId: session.workflowId,
    });
  });

  test('the database itself keeps two from being open', async () => {
    const { projectId } = await runningSession(fixture.db);
    const second = fixture.db.query(
      `insert into yokeflow.sessions (id, project_id, workflow_id, run_id) values (0, $1, 'w', 'r')`,
      [projectId],
    );
    await expect(second).rejects.toThrow('one_open_session_per_project');
  });

  test('sessions of all projects are numbered one after the other, also when many open at once', async () => {
    const last = (await runningSession(fixture.db)).session.id;
    const opened = await Promise.all(Array.from({ length: 5 }, () => runningSession(fixture.db)));
    const numbers = opened.map(({ session }) => session.id).sort((a, b) => a - b);
    expect(numbers).toEqual([1, 2, 3, 4, 5].map((more) => last + more));
  });

  test('of two that open at once, one does', async () => {
    const { projectId, session } = await runningSession(fixture.db);
    await closeSession(fixture.db, { sessionId: session.id, status: 'complete' });
    const results = await Promise.allSettled([open(projectId, 'a', '1'), open(projectId, 'b', '1')]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('closes an earlier run of the same workflow, and makes its unfinished tasks pending', async () => {
    const { projectId, session, attempt } = await runningAttempt(fixture.db);
    await failTask(fixture.db, { sessionId: session.id, task: 3, reason: 'broken' });
    const next = await open(projectId, session.workflowId, 'run-2');
    expect(next.id).not.toBe(session.id);
    expect(await getSession(fixture.db, session.id)).toMatchObject({
      status: 'cancelled',
      statusReason: 'ended without closing',
    });
    expect((await getAttempt(fixture.db, attempt.id)).status).toBe('cancelled');
    expect([await status(projectId, 1), await status(projectId, 3)]).toEqual(['pending', 'pending']);
  });

  test('leaves alone what failed in epics that the session is not about', async () => {
    const { projectId, session } = await runningAttempt(fixture.db);
    await failTask(fixture.db, { sessionId: session.id, task: 3, reason: 'broken' });
    const blocked = [{ task: 2, reason: 'waits' }];
    await blockTasks(fixture.db, { sessionId: session.id, blocked });
    await closeSession(fixture.db, { sessionId: session.id, status: 'incomplete' });
    const next = { projectId, workflowId: session.workflowId, runId: 'run-2', options: { epics: [1] } };
    await openSession(fixture.db, next);
    expect([await status(projectId, 1), await status(projectId, 2)]).toEqual(['pending', 'pending']);
    expect(await getTask(fixture.db, { projectId, task: 3 })).toMatchObject({
      status: 'failed',
      statusReason: 'broken',
    });
  });

  test('makes a task pending that an ended session left running, whatever its epic', async () => {
    const { projectId, session } = await runningAttempt(fixture.db);
    await closeSession(fixture.db, { sessionId: session.id, status: 'incomplete' });
    await fixture.db.query(
      `update yokeflow.tasks set status = 'running' where project_id = $1 and number = 1`,
      [projectId],
    );
    const next = { projectId, workflowId: session.workflowId, runId: 'run-2', options: { epics: [2] } };
    await openSession(fixture.db, next);
    expect(await status(projectId, 1)).toBe('pending');
  });
});

test('closing happens once, counts the tasks and ends what still runs', async () => {
  const { projectId, session, attempt } = await runningAttempt(fixture.db);
  const end = { sessionId: session.id, status: 'incomplete' as const, reason: 'a task failed' };
  const [first, second] = await Promise.all([closeSession(fixture.db, end), closeSession(fixture.db, end)]);
  expect(first).toEqual(second);
  expect(first.durationSeconds).toBeGreaterThanOrEqual(0);
  expect(await closeSession(fixture.db, { ...end, status: 'cancelled' })).toEqual(first);
  const events = await listEvents(fixture.db, { sessionId: session.id });
  const last = events.filter((event) => event.type === 'session_complete');
  expect(last).toHaveLength(1);
  expect(last[0]!.data).toMatchObject({
    status: 'incomplete',
    tasks: { pending: 3, running: 0 },
    costUsd: 0,
  });
  expect((await getAttempt(fixture.db, attempt.id)).status).toBe('abandoned');
  expect(await findOpenSession(fixture.db, projectId)).toBeNull();
  expect(await latestSession(fixture.db, session.project)).toEqual(first);
});

test('pausing and resuming are told once each', async () => {
  const { session } = await runningSession(fixture.db);
  const pause = { sessionId: session.id, status: 'paused' as const, reason: 'budget' };
  await setSessionStatus(fixture.db, pause);
  await setSessionStatus(fixture.db, pause);
  expect(await getSession(fixture.db, session.id)).toMatchObject({
    status: 'paused',
    statusReason: 'budget',
  });
  await setSessionStatus(fixture.db, { sessionId: session.id, status: 'running', reason: 'by a person' });
  expect(await getSession(fixture.db, session.id)).toMatchObject({ status: 'running', statusReason: null });
  const events = await listEvents(fixture.db, { sessionId: session.id, after: 1 });
  expect(events.map((event) => event.data)).toEqual([
    { paused: true, reason: 'budget' },
    { paused: false, reason: 'by a person' },
  ]);
  await closeSession(fixture.db, { sessionId: session.id, status: 'complete' });
  await setSessionStatus(fixture.db, pause);
  expect((await listSessions(fixture.db, session.project))[0]!.status).toBe('complete');
});

test('a note is told once, however long it is', async () => {
  const { session } = await runningSession(fixture.db);
  const sessionId = session.id;
  const note = randomBytes(4_000).toString('base64');
  for (const end of ['', '', '!']) await noteFor(fixture.db, { sessionId, note: note + end });
  const events = await listEvents(fixture.db, { sessionId });
  const notes = events.filter(({ type }) => type === 'attention_needed').map(({ data }) => data.note);
  expect(notes).toEqual([note, `${note}!`]);
});

test('what a program printed may be a reason, with characters that PostgreSQL does not store', async () => {
  const { session } = await runningSession(fixture.db);
  const reason = 'limit: a\0b\ud83d';
  await setSessionStatus(fixture.db, { sessionId: session.id, status: 'paused', reason });
  await setSessionStatus(fixture.db, { sessionId: session.id, status: 'paused', reason });
  expect(await getSession(fixture.db, session.id)).toMatchObject({ statusReason: 'limit: a\ufffdb\ufffd' });
  await noteFor(fixture.db, { sessionId: session.id, note: reason });
  await closeSession(fixture.db, { sessionId: session.id, status: 'failed', reason });
  const events = await listEvents(fixture.db, { sessionId: session.id, after: 1 });
  expect(events.map(({ type, data }) => [type, data.reason])).toEqual([
    ['session_paused', 'limit: a\ufffdb\ufffd'],
    ['attention_needed', 'limit: a\ufffdb\ufffd'],
    ['session_complete', 'limit: a\ufffdb\ufffd'],
  ]);
});

describe('batches', () => {
  test('start with their first task and complete with their last, each told once', async () => {
    const running = await runningAttempt(fixture.db);
    const { session, token, attempt } = running;
    await recordBatches(fixture.db, session.id, [[1], [2, 3]]);
    await recordBatches(fixture.db, session.id, [[1], [2, 3]]);
    const commit = { commit: commitId('a'), baseCommit: commitId('b'), empty: false };
    await completeTask(fixture.db, { attemptId: attempt.id, token, ...commit });
    const attempts = [
      await begin(fixture.db, running, 2, 'two'),
      await begin(fixture.db, running, 3, 'three'),
    ];
    await Promise.all(
      attempts.map((one) =>
        completeTask(fixture.db, { attemptId: one.attempt.id, token: one.token, ...commit }),
      ),
    );
    const batches = (await listEvents(fixture.db, { sessionId: session.id }))
      .filter((event) => event.type.startsWith('batch'))
      .map(({ type, data }) => [type, data]);
    const outcome = { failed: 0, blocked: 0, skipped: 0 };
    expect(batches).toEqual([
      ['batch_complete', { batch: 1, complete: 1, ...outcome }],
      ['batch_started', { batch: 2, tasks: 2 }],
      ['batch_complete', { batch: 2, complete: 2, ...outcome }],
    ]);
    expect(await getParallelBatches(fixture.db, session.id)).toMatchObject([
      { number: 1, tasks: [1], status: 'complete' },
      { number: 2, tasks: [2, 3], status: 'complete' },
    ]);
  });

  test('complete also when their last tasks are skipped at the same moment', async () => {
    const { session } = await runningSession(fixture.db);
    const skip = (db: Queryable, task: number) => skipTask(db, { sessionId: session.id, task });
    await recordBatches(fixture.db, session.id, [[1], [2, 3]]);
    let other: Promise<void> | undefined;
    await fixture.db.transaction(async (tx) => {
      await skip(tx, 2);
      other = skip(fixture.db, 3);
      await Promise.race([other, delay(200)]);
    });
    await other;
    expect((await getParallelBatches(fixture.db, session.id))[1]).toMatchObject({ status: 'complete' });
  });

  test('count only what the session itself has to do and did', async () => {
    const running = await runningAttempt(fixture.db);
    const { projectId, session, attempt, token } = running;
    const commit = { commit: commitId('a'), baseCommit: commitId('b'), empty: false };
    await completeTask(fixture.db, { attemptId: attempt.id, token, ...commit });
    await closeSession(fixture.db, { sessionId: session.id, status: 'incomplete' });
    const next = await open(projectId, session.workflowId, 'run-2');
    await recordBatches(fixture.db, next.id, [[1, 2, 3]]);
    const second = await begin(fixture.db, { ...running, session: next }, 2, 'two');
    await completeTask(fixture.db, { attemptId: second.attempt.id, token: second.token, ...commit });
    await failTask(fixture.db, { sessionId: next.id, task: 3, reason: 'no way' });
    const told = (await listEvents(fixture.db, { sessionId: next.id }))
      .filter((event) => event.type.startsWith('batch'))
      .map(({ type, data }) => [type, data]);
    expect(told).toEqual([
      ['batch_started', { batch: 1, tasks: 2 }],
      ['batch_complete', { batch: 1, complete: 1, failed: 1, blocked: 0, skipped: 0 }],
    ]);
  });

  test('wait for no tasks of epics that the session leaves out', async () => {
    const running = await runningSession(fixture.db);
    const { projectId, session } = running;
    await closeSession(fixture.db, { sessionId: session.id, status: 'incomplete' });
    const start = { projectId, workflowId: session.workflowId, runId: 'run-2', options: { epics: [1] } };
    const next = await openSession(fixture.db, start);
    await recordBatches(fixture.db, next.id, [[1], [2, 3]]);
    const commit = { commit: commitId('a'), baseCommit: commitId('b'), empty: false };
    for (const task of [1, 2]) {
      const { attempt, token } = await begin(fixture.db, { ...running, session: next }, task, `try-${task}`);
      await completeTask(fixture.db, { attemptId: attempt.id, token, ...commit });
    }
    const told = (await listEvents(fixture.db, { sessionId: next.id }))
      .filter((event) => event.type.startsWith('batch'))
      .map(({ type, data }) => [type, data.batch, data.tasks ?? data.complete]);
    expect(told).toEqual([
      ['batch_started', 1, 1],
      ['batch_complete', 1, 1],
      ['batch_started', 2, 1],
      ['batch_complete', 2, 1],
    ]);
  });

  test('that were settled before are complete from the start', async () => {
    const { session } = await runningSession(fixture.db);
    await skipTask(fixture.db, { sessionId: session.id, task: 1 });
    await recordBatches(fixture.db, session.id, [[1], [2, 3]]);
    const statuses = (await getParallelBatches(fixture.db, session.id)).map((batch) => batch.status);
    expect(statuses).toEqual(['complete', 'pending']);
  });
});

test('a failed task, those that it blocks, and their way back', async () => {
  const { projectId, session, attempt } = await runningAttempt(fixture.db);
  await recordBatches(fixture.db, session.id, [[1], [2, 3]]);
  const failure = { sessionId: session.id, task: 1, reason: 'no way' };
  expect(await failTask(fixture.db, failure)).toBe('recorded');
  expect(await failTask(fixture.db, failure)).toBe('already');
  expect(await getAttempt(fixture.db, attempt.id)).toMatchObject({ status: 'abandoned', reason: 'no way' });
  const blocked = [2, 3].map((task) => ({ task, reason: 'T1 failed' }));
  await blockTasks(fixture.db, { sessionId: session.id, blocked });
  await blockTasks(fixture.db, { sessionId: session.id, blocked });
  expect((await typesOf(session.id)).slice(2)).toEqual([
    ['task_failed', 1],
    ['batch_complete', null],
    ['task_blocked', 2],
    ['task_blocked', 3],
    ['batch_complete', null],
  ]);
  const [last] = (await listEvents(fixture.db, { sessionId: session.id })).slice(-1);
  expect(last!.data).toEqual({ batch: 2, complete: 0, failed: 0, blocked: 2, skipped: 0 });
  await unblockTasks(fixture.db, { sessionId: session.id, tasks: [1, 2, 3] });
  expect(await getTask(fixture.db, { projectId, task: 2 })).toMatchObject({
    status: 'pending',
    statusReason: null,
  });
});

test('a task that is complete does not fail any more', async () => {
  const { projectId, session, attempt, token } = await runningAttempt(fixture.db);
  const commit = { commit: commitId('a'), baseCommit: commitId('b'), empty: false };
  await completeTask(fixture.db, { attemptId: attempt.id, token, ...commit });
  const failure = { sessionId: session.id, task: 1, reason: 'cancelled by a person' };
  expect(await failTask(fixture.db, failure)).toBe('already');
  expect(await getTask(fixture.db, { projectId, task: 1 })).toMatchObject({ status: 'complete' });
});

test('complete work that went missing is reopened without its commit', async () => {
  const { projectId, attempt, token } = await runningAttempt(fixture.db);
  const commit = { commit: commitId('a'), baseCommit: commitId('b'), empty: false };
  await completeTask(fixture.db, { attemptId: attempt.id, token, ...commit });
  await reopenTasks(fixture.db, { projectId, tasks: [1, 2], reason: 'its commit is gone' });
  expect(await getTask(fixture.db, { projectId, task: 1 })).toMatchObject({
    status: 'pending',
    statusReason: 'its commit is gone',
    commit: null,
    completedAt: null,
  });
});

test('the summary has the end of what the last try of a failed task printed', async () => {
  const { session, attempt, token } = await runningAttempt(fixture.db);
  const outputTail = `${'x'.repeat(3_000)}\nthe end`;
  await failAttempt(fixture.db, { attemptId: attempt.id, token, reason: 'red', outputTail, retrying: false });
  await failTask(fixture.db, { sessionId: session.id, task: 1, reason: 'red' });
  const [task, other] = (await sessionSummary(fixture.db, session.id)).epics[0]!.tasks;
  expect(task).toMatchObject({ status: 'failed', output: outputTail.slice(-2_000) });
  expect(other!.output).toBeNull();
});

test('the counts of a summary are those of its tasks, also when one settles meanwhile', async () => {
  const { session, attempt, token } = await runningAttempt(fixture.db);
  const commit = { commit: commitId('a'), baseCommit: commitId('b'), empty: false };
  const db: Queryable = {
    ...fixture.db,
    async query(statement, values) {
      const result = await fixture.db.query<never>(statement, values);
      if (typeof statement === 'string' && statement.includes('left(t.description, 80)'))
        await completeTask(fixture.db, { attemptId: attempt.id, token, ...commit });
      return result;
    },
  };
  const { tasks, epics } = await sessionSummary(db, session.id);
  expect(epics[0]!.tasks[0]!.status).toBe('running');
  expect(tasks).toMatchObject({ pending: 2, running: 1, complete: 0 });
});

test('the summary tells the state of the whole plan', async () => {
  const { session } = await runningAttempt(fixture.db);
  const summary = await sessionSummary(fixture.db, session.id);
  expect(summary.tasks).toEqual({ pending: 2, running: 1, complete: 0, failed: 0, blocked: 0, skipped: 0 });
  expect(summary.sequentialWorktree).toBeNull();
  expect(summary.epics).toMatchObject([
    {
      number: 1,
      worktree: { status: 'active' },
      tasks: [{ number: 1, status: 'running', attempts: 1 }, { number: 2 }],
    },
    { number: 2, name: 'Frontend', tasks: [{ number: 3, title: 'Task 3', commit: null }] },
  ]);
});
