import { ApplicationFailure, CancelledFailure, type WorkflowHandle } from '@temporalio/client';
import type { Activities } from '../../activities/scope/contract';
import {
  cancelTaskUpdate,
  costChangedSignal,
  pauseUpdate,
  planChangedUpdate,
  resumeUpdate,
  setBudgetUpdate,
  setMaxConcurrencyUpdate,
  statusQuery,
} from '../../workflows/messages';
import { fakeWorld, untilCancelled, type FakeWorld } from '../support/fake-world';
import { task } from '../support/guide-tasks';
import { until } from '../support/until';
import { newProject, useWorlds } from '../support/worlds';

const temporal = useWorlds();

test('a long session drains and goes on with a fresh history: each task once, and what people set stays set', async () => {
  const plan = Array.from({ length: 40 }, (_, index) => task(index + 1, (index % 4) + 1));
  const finished: number[] = [];
  let held = 0;
  let release = () => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  const world = fakeWorld(plan, {
    finished,
    run: async ({ task: id }) => {
      // Held until there is an update that has to outlive the drain.
      if (id === 5) await gate.finally(() => held++);
      finished.push(id);
      return { kind: 'done' };
    },
  });
  const project = newProject();
  temporal.give(project, world.activities);
  const workflowId = `yokeflow-${project}`;
  const first = await temporal.client.workflow.start('runProject', {
    taskQueue: temporal.taskQueue,
    workflowId,
    args: [{ project, parallel: true }, { drainAtEvents: 60 }],
  });
  const session = temporal.client.workflow.getHandle(workflowId);
  await until(() => world.log.includes('run 5'));
  await session.executeUpdate(setMaxConcurrencyUpdate, { args: [{ maxConcurrency: 2 }] });
  await session.executeUpdate(pauseUpdate);
  release();
  await session.executeUpdate(resumeUpdate);
  await until(async () => (await session.describe()).runId !== first.firstExecutionRunId);
  await until(async () => (await session.query(statusQuery)).state === 'running');
  expect(await session.query(statusQuery)).toMatchObject({ maxConcurrency: 2 });
  await session.result();

  const runs = world.log.filter((line) => line.startsWith('run ')).map((line) => Number(line.slice(4)));
  expect(runs.sort((a, b) => a - b)).toEqual(plan.map(({ id }) => id));
  expect(world.log.filter((line) => line === 'open').length).toBeGreaterThan(2);
  expect(world.log.filter((line) => line === 'close')).toHaveLength(1);
  const { historyLength } = await session.describe();
  expect(historyLength).toBeLessThan(150);
});

/** A session that goes on with a fresh history as soon as it has taken in a few events more. */
async function begin(world: FakeWorld, limit: object, activities: Partial<Activities> = {}) {
  const project = newProject();
  temporal.give(project, { ...world.activities, ...activities });
  const first = await temporal.client.workflow.start('runProject', {
    taskQueue: temporal.taskQueue,
    workflowId: `yokeflow-${project}`,
    args: [{ project, parallel: true }, limit],
  });
  const session = temporal.client.workflow.getHandle(first.workflowId);
  const goesOn = () => until(async () => (await session.describe()).runId !== first.firstExecutionRunId);
  return { session, goesOn };
}

function latch() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), opened };
}

/** Its history is longer by forty signals, which change nothing. */
async function grow(session: WorkflowHandle): Promise<void> {
  const nothing = { sessionId: 1, totalUsd: 0, tasks: [] };
  for (let sent = 0; sent < 40; sent++) await session.signal(costChangedSignal, nothing);
}

const runs = ({ log }: FakeWorld) => log.filter((line) => line.startsWith('run ')).sort();

test('what failed before has failed: nothing of it is tried again, and what a person cancelled does not start', async () => {
  const plan = [task(1, 1), task(2, 2), task(3, 3, [2]), task(4, 4), task(5, 4, [4])];
  const { open, opened } = latch();
  const finished: number[] = [];
  const world = fakeWorld(plan, {
    finished,
    run: async ({ task: id }) => {
      if (id === 1) return untilCancelled();
      if (id === 2) return { kind: 'failed', reason: 'it does not compile', again: false };
      if (id === 4) await opened;
      finished.push(id);
      return { kind: 'done' };
    },
  });
  const { session, goesOn } = await begin(world, { drainAtEvents: 70 });
  await until(() => world.log.includes('run 1'));
  await session.executeUpdate(cancelTaskUpdate, { args: [1] });
  await until(() => world.log.includes('fail 1: cancelled by a person'));
  await until(() => world.notes.blocked.some(({ task: id }) => id === 3));
  await grow(session);
  open();
  await goesOn();
  await expect(session.result()).rejects.toMatchObject({ cause: { type: 'SessionIncomplete' } });
  expect(runs(world)).toEqual([1, 2, 4, 5].map((id) => `run ${id}`));
  expect(world.log).toContain('land 4');
});

test('a merge that an agent has given up waits for a person: nobody pays for the same tries again', async () => {
  const { open, opened } = latch();
  const finished: number[] = [];
  const world = fakeWorld([task(1, 1), task(2, 2)], {
    finished,
    land: (epic) => (epic === 1 ? 'conflict' : 'landed'),
    mend: () => ({ kind: 'failed', reason: 'both are right', again: false }),
    run: async ({ task: id }) => {
      if (id === 2) await opened;
      finished.push(id);
      return { kind: 'done' };
    },
  });
  const { session, goesOn } = await begin(world, { drainAtEvents: 70 });
  await until(() => world.log.includes('conflict 1: both are right'));
  await grow(session);
  open();
  await goesOn();
  await session.result();
  expect(world.log.filter((line) => line === 'land 1').length).toBeGreaterThan(1);
  expect(world.log.filter((line) => line === 'mend 1')).toHaveLength(1);
});

test('an epic that a person cancelled does not land when the session goes on', async () => {
  const { open, opened } = latch();
  const finished: number[] = [];
  const world = fakeWorld([task(1, 1), task(2, 2)], {
    finished,
    run: async ({ task: id }) => {
      if (id === 2) await opened;
      finished.push(id);
      return { kind: 'done' };
    },
  });
  const { session, goesOn } = await begin(world, { drainAtEvents: 100 });
  await until(() => world.log.includes('run 2'));
  await session.executeUpdate(pauseUpdate);
  await until(async () => (await session.query(statusQuery)).tasks[0]!.status === 'complete');
  const epic = temporal.client.workflow.getHandle(`${session.workflowId}/epic-1`);
  await epic.cancel();
  await until(async () => (await session.query(statusQuery)).epics[0]!.status === 'cancelled');
  await session.executeUpdate(resumeUpdate);
  for (let times = 0; times < 4; times++) await grow(session);
  open();
  await goesOn();
  await session.result().catch(() => undefined);
  expect(world.log.filter((line) => line.startsWith('land'))).toEqual(['land 2']);
});

test('a session that drains takes a budget: what is held for one would else never go on', async () => {
  let tries = 0;
  const { open, opened } = latch();
  const world = fakeWorld([task(1, 1), task(2, 2)], {
    run: async ({ task: id }) => {
      if (id === 1 && tries++ === 0) return { kind: 'held', why: 'budget', reason: 'used up' };
      if (id === 2) await opened;
      return { kind: 'done' };
    },
  });
  const { session } = await begin(world, { drainAtEvents: 45 });
  await until(() => world.log.includes('pause'));
  await grow(session);
  open();
  await until(async () => (await session.query(statusQuery)).state === 'stopping');
  await session.executeUpdate(setBudgetUpdate, { args: [9] });
  await until(() => world.log.includes('commit 1'));
  expect(world.log).toContain('budget 9');
  await session.terminate();
});

test('what people set while a session that goes on still loads is newer than what it brought along', async () => {
  const { open, opened } = latch();
  const world = fakeWorld([task(1, 1)]);
  const openSession: Activities['openSession'] = (input) =>
    opened.then(() => world.activities.openSession(input));
  const brought = { sessionId: 1, pauseReason: null, maxConcurrency: 2 };
  const { session } = await begin(world, brought, { openSession });
  await session.executeUpdate(pauseUpdate);
  await session.executeUpdate(setMaxConcurrencyUpdate, { args: [4] });
  open();
  await until(async () => (await session.query(statusQuery)).state !== 'starting');
  expect(await session.query(statusQuery)).toMatchObject({ state: 'paused', maxConcurrency: 4 });
  await session.executeUpdate(resumeUpdate);
  await session.result();
});

test('a session that cannot go on is closed: its row would keep the project busy', async () => {
  const message = '/repo has no branch main any more';
  const openSession: Activities['openSession'] = () =>
    Promise.reject(ApplicationFailure.nonRetryable(message, 'RepositoryUnusable'));
  const world = fakeWorld([task(1, 1)]);
  const { session } = await begin(world, { sessionId: 1 }, { openSession });
  await expect(session.result()).rejects.toMatchObject({ cause: { type: 'RepositoryUnusable' } });
  expect(world.log).toEqual([`close: ${message}`]);
});

test('a plan that is changed while a session drains is loaded when it goes on', async () => {
  const { open, opened } = latch();
  const finished: number[] = [];
  const plan = [task(1, 1)];
  const world = fakeWorld(plan, {
    finished,
    run: async ({ task: id }) => {
      await opened;
      finished.push(id);
      return { kind: 'done' };
    },
  });
  let loaded = 0;
  const reloadPlan: Activities['reloadPlan'] = (input) => (loaded++, world.activities.reloadPlan(input));
  const { session } = await begin(world, { drainAtEvents: 45 }, { reloadPlan });
  await until(() => world.log.includes('run 1'));
  await grow(session);
  await grow(session);
  // It looks at its length when it takes something in.
  await session.executeUpdate(resumeUpdate);
  await until(async () => (await session.query(statusQuery)).state === 'stopping');
  plan.push(task(2, 2));
  expect(await session.executeUpdate(planChangedUpdate)).toBe(
    'the session is about to go on with a fresh history: it loads the plan then',
  );
  expect(loaded).toBe(0);
  open();
  await session.result();
  expect(runs(world)).toEqual(['run 1', 'run 2']);
});

/** A session that has drained, but for one record that is still being made. */
async function drained() {
  const record = latch();
  const finish = latch();
  const finished: number[] = [];
  const world = fakeWorld([task(1, 1), task(2, 2)], {
    finished,
    run: async ({ task: id }) => {
      await finish.opened;
      finished.push(id);
      return { kind: 'done' };
    },
  });
  let recording = false;
  const recordConcurrency = async () => {
    recording = true;
    await record.opened;
  };
  const { session } = await begin(world, { drainAtEvents: 45 }, { recordConcurrency });
  await until(() => world.log.includes('run 2'));
  await session.executeUpdate(setMaxConcurrencyUpdate, { args: [4] });
  await until(() => recording);
  await grow(session);
  finish.open();
  await until(async () => (await session.query(statusQuery)).state === 'finished');
  return { session, record };
}

test('a pause while the last record is made, before it goes on: it goes on paused', async () => {
  const { session, record } = await drained();
  await session.executeUpdate(pauseUpdate);
  record.open();
  await until(async () => (await session.query(statusQuery)).state !== 'finished');
  await until(async () => (await session.query(statusQuery)).state !== 'starting');
  expect((await session.query(statusQuery)).state).toBe('paused');
  await session.terminate();
});

test('a cancellation while the last record is made, before it goes on: it closes', async () => {
  const { session, record } = await drained();
  await session.cancel();
  record.open();
  await expect(session.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
});

test('a run under another id that is cancelled after its session went on with a fresh history cancels it', async () => {
  const { open, opened } = latch();
  const finished: number[] = [];
  const world = fakeWorld([task(1, 1), task(2, 1, [1])], {
    finished,
    run: async ({ task: id }) => {
      if (id === 2) return untilCancelled();
      await opened;
      finished.push(id);
      return { kind: 'done' };
    },
  });
  const project = newProject();
  temporal.give(project, world.activities);
  const nightly = await temporal.client.workflow.start('runProject', {
    taskQueue: temporal.taskQueue,
    workflowId: `yokeflow-${project}-nightly`,
    args: [{ project, parallel: true }, { drainAtUpdates: 1 }],
  });
  await until(() => world.log.includes('run 1'));
  const session = temporal.client.workflow.getHandle(`yokeflow-${project}`);
  const { runId } = await session.describe();
  await session.executeUpdate(resumeUpdate);
  open();
  await until(() => world.log.includes('run 2'));
  expect((await session.describe()).runId).not.toBe(runId);
  await nightly.cancel();
  await expect(nightly.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
  expect(world.log.at(-1)).toBe('close');
});

test('many changes of a plan: it goes on before its history is too large', async () => {
  const plan = Array.from({ length: 100 }, (_, index) => task(index + 1, 1));
  const { open, opened } = latch();
  const finished: number[] = [];
  const world = fakeWorld(plan, {
    finished,
    run: async ({ task: id }) => {
      if (id === 1) await opened;
      finished.push(id);
      return { kind: 'done' };
    },
  });
  const { session, goesOn } = await begin(world, { drainAtBytes: 60_000 });
  await until(() => world.log.includes('run 1'));
  for (let changes = 0; changes < 5; changes++) await session.executeUpdate(planChangedUpdate);
  open();
  await goesOn();
  expect(world.log.filter((line) => line === 'run 1')).toHaveLength(1);
  await session.terminate();
});

test('many updates, of which Temporal refuses more than 2,000: it goes on before, whatever they say', async () => {
  const { open, opened } = latch();
  const finished: number[] = [];
  const world = fakeWorld([task(1, 1), task(2, 1, [1])], {
    finished,
    run: async ({ task: id }) => {
      await opened;
      finished.push(id);
      return { kind: 'done' };
    },
  });
  const { session, goesOn } = await begin(world, { drainAtUpdates: 3 });
  await until(() => world.log.includes('run 1'));
  const stateAfter = async (budgetUsd: number) => {
    await session.executeUpdate(setBudgetUpdate, { args: [budgetUsd] });
    return (await session.query(statusQuery)).state;
  };
  expect([await stateAfter(7), await stateAfter(8)]).toEqual(['running', 'running']);
  expect(await stateAfter(9)).toBe('stopping');
  open();
  await goesOn();
  await session.result();
  expect(runs(world)).toEqual(['run 1', 'run 2']);
});

test('an epic of very many tasks: it goes on before the history of the epic is too large', async () => {
  const plan = Array.from({ length: 12 }, (_, index) => task(index + 1, 1));
  const finished: number[] = [];
  const world = fakeWorld(plan, {
    finished,
    run: async ({ task: id }) => (finished.push(id), { kind: 'done' }),
  });
  const { session, goesOn } = await begin(world, { drainAtOrders: 4 });
  await goesOn();
  await session.result();
  expect(runs(world)).toEqual(plan.map(({ id }) => `run ${id}`).sort());
  const epic = await temporal.client.workflow.getHandle(`${session.workflowId}/epic-1`).describe();
  expect(epic.historyLength).toBeLessThan(80);
});

test('of two records about one thing the later one is made last, however often the first one fails', async () => {
  const world = fakeWorld([task(1, 1)], { run: () => untilCancelled() });
  const states: string[] = [];
  let tries = 0;
  const recordPaused: Activities['recordPaused'] = async ({ paused }) => {
    if (paused && ++tries < 3) throw new Error('PostgreSQL is away');
    states.push(paused ? 'paused' : 'running');
  };
  const { session } = await begin(world, {}, { recordPaused });
  await until(() => world.log.includes('run 1'));
  await session.executeUpdate(pauseUpdate);
  await session.executeUpdate(resumeUpdate);
  await until(() => states.length === 2);
  expect(states).toEqual(['paused', 'running']);
  await session.terminate();
});
