import { ApplicationFailure, CancelledFailure, WorkflowFailedError } from '@temporalio/client';
import { sleep } from '@temporalio/activity';
import { setTimeout as sleepMs } from 'node:timers/promises';
import type { TaskInput } from '../../activities/scope/contract';
import { unlessCancelled } from '../../activities/scope/unless-cancelled';
import { statusQuery, taskSettledSignal } from '../../workflows/messages';
import { fakeWorld, untilCancelled } from '../support/fake-world';
import { task } from '../support/guide-tasks';
import { random } from '../support/random';
import { connectTemporal, type TemporalHarness } from '../support/temporal';

/** `YOKEFLOW_CANCEL_TRIES=100 npx jest test/workflows/cancel` is the long form. */
const TRIES = Number(process.env.YOKEFLOW_CANCEL_TRIES ?? 6);
const SEED = Number(process.env.YOKEFLOW_SEED ?? 1);
/** The epics start in this time after the plan is loaded; later ones when the first tasks are done. */
const SPREAD_MS = 250;
const WITHIN_MS = 5_000;

let temporal: TemporalHarness;
beforeAll(async () => {
  temporal = await connectTemporal();
});
afterAll(() => temporal.close());

/** Six epics at once; two more when T1 is done. */
const plan = [...[1, 2, 3, 4, 5, 6].map((id) => task(id, id)), task(7, 7, [1]), task(8, 8, [1])];

async function cancelAt(seed: number): Promise<{ seed: number; ms: number; running: string[]; end: string }> {
  const project = `cancel-${process.pid}-${Date.now()}-${seed}`;
  const id = `yokeflow-${project}`;
  let agents = 0;
  const world = fakeWorld(plan, {
    run: async ({ task: number }) => {
      agents++;
      try {
        if (number !== 1) return await untilCancelled();
        await sleep(20);
        return { kind: 'done' };
      } finally {
        agents--;
      }
    },
  });
  let loaded = () => {};
  const isLoaded = new Promise<void>((resolve) => (loaded = resolve));
  const activities = {
    ...world.activities,
    recordBatches: async () => loaded(),
  };
  const worker = await temporal.startWorker(activities);
  const handle = await temporal.client.workflow.start('runProject', {
    taskQueue: temporal.taskQueue,
    workflowId: id,
    args: [{ project, parallel: true, maxConcurrency: 10 }],
  });
  await isLoaded;
  await new Promise((resolve) => setTimeout(resolve, random(seed, 0) * SPREAD_MS));
  const cancelled = Date.now();
  await handle.cancel();
  const error: unknown = await handle.result().catch((reason: unknown) => reason);
  const ms = Date.now() - cancelled;
  const running: string[] = [];
  for (const { epic } of plan) {
    const child = temporal.client.workflow.getHandle(`${id}/epic-${epic}`);
    const status = await child.describe().then(
      (description) => description.status.name,
      () => 'never started',
    );
    if (status === 'RUNNING') running.push(`epic-${epic}`);
  }
  if (agents > 0) running.push(`${agents} agents`);
  await worker.stop();
  const asCancelled = error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure;
  return { seed, ms, running, end: asCancelled ? (world.log.at(-1) ?? '') : String(error) };
}

test(
  `cancelled ${TRIES} times while its epics start: none is left running, the session closes within seconds`,
  async () => {
    const tries = [];
    for (let seed = SEED; seed < SEED + TRIES; seed++) tries.push(await cancelAt(seed));
    const slow = Math.max(...tries.map(({ ms }) => ms));
    if (TRIES > 10) process.stderr.write(`${TRIES} cancellations, the slowest closed after ${slow} ms\n`);
    const wrong = tries.filter(({ running, end, ms }) => running.length || end !== 'close' || ms > WITHIN_MS);
    expect(wrong).toEqual([]);
  },
  120_000 + TRIES * 10_000,
);

test('cancelled while no worker runs: when one is back, nothing starts, and the session closes', async () => {
  const project = `cancel-away-${process.pid}-${Date.now()}`;
  const world = fakeWorld([task(1, 1), task(2, 2, [1])], { run: () => untilCancelled() });
  const activities = {
    ...world.activities,
    runTask: unlessCancelled((input: TaskInput) => world.activities.runTask(input)),
  };
  const worker = await temporal.startWorker(activities);
  const handle = await temporal.client.workflow.start('runProject', {
    taskQueue: temporal.taskQueue,
    workflowId: `yokeflow-${project}`,
    args: [{ project, parallel: true }],
  });
  while (!world.log.includes('run 1')) await sleepMs(20);
  await worker.stop();
  // It is handed back, and waits for another worker. By itself it would have settled, and T2 would be next.
  await sleepMs(4_000);
  await handle.signal(taskSettledSignal, { sessionId: 1, task: 1, outcome: 'complete' });
  await handle.cancel();
  const next = await temporal.startWorker(activities);
  const error: unknown = await handle.result().catch((reason: unknown) => reason);
  await next.stop();
  expect(error).toMatchObject({ cause: expect.any(CancelledFailure) });
  expect(world.log.filter((line) => line.startsWith('run'))).toEqual(['run 1']);
  expect(world.log.at(-1)).toBe('close');
  const second = temporal.client.workflow.getHandle(`yokeflow-${project}/epic-2`);
  await expect(second.describe()).rejects.toThrow(/not found/);
});

test.each([
  ['begin', undefined, []],
  ['go on', { sessionId: 1 }, ['close']],
])('cancelled while what it needs to %s is away: it does not wait for that', async (_, continued, log) => {
  const project = `cancel-unopened-${process.pid}-${Date.now()}`;
  const world = fakeWorld([task(1, 1)]);
  let tries = 0;
  const openSession = () => {
    tries++;
    throw ApplicationFailure.create({ type: 'HostingUnavailable', message: 'gh pr view: HTTP 502' });
  };
  const worker = await temporal.startWorker({ ...world.activities, openSession });
  const handle = await temporal.client.workflow.start('runProject', {
    taskQueue: temporal.taskQueue,
    workflowId: `yokeflow-${project}`,
    args: [{ project, parallel: true }, ...(continued ? [continued] : [])],
  });
  while (tries < 2) await sleepMs(20);
  await handle.cancel();
  const error: unknown = await handle.result().catch((reason: unknown) => reason);
  await worker.stop();
  expect(error).toMatchObject({ cause: expect.any(CancelledFailure) });
  expect(world.log).toEqual(log);
});

test('cancelled while a usage limit holds it: it closes, and does not wait for the limit', async () => {
  const project = `cancel-limit-${process.pid}-${Date.now()}`;
  const world = fakeWorld([task(1, 1)], {
    run: () => ({ kind: 'held', why: 'limit', reason: '429 try later', forMs: 3_600_000 }),
  });
  const worker = await temporal.startWorker(world.activities);
  const handle = await temporal.client.workflow.start('runProject', {
    taskQueue: temporal.taskQueue,
    workflowId: `yokeflow-${project}`,
    args: [{ project, parallel: true }],
  });
  while ((await handle.query(statusQuery)).state !== 'paused') await sleepMs(20);
  await handle.cancel();
  const error: unknown = await handle.result().catch((reason: unknown) => reason);
  await worker.stop();
  expect(error).toMatchObject({ cause: expect.any(CancelledFailure) });
  expect(world.log.at(-1)).toBe('close');
  const { events } = await handle.fetchHistory();
  expect(events!.filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
});

test('cancelled while it waits for the epic of an earlier session, which takes its time to close: it does not wait', async () => {
  const project = `cancel-earlier-${process.pid}-${Date.now()}`;
  let left = false;
  let leave = () => {};
  const leaving = new Promise<void>((resolve) => (leave = resolve)).then(() => void (left = true));
  const world = fakeWorld([task(1, 1)], {
    run: async () => {
      await leaving;
      return { kind: 'done' };
    },
  });
  const worker = await temporal.startWorker(world.activities);
  const { workflow } = temporal.client;
  const workflowId = `yokeflow-${project}`;
  const order = { kind: 'task', task: 1, title: 'Task 1', agent: 'script' };
  await workflow.start('runEpic', {
    taskQueue: temporal.taskQueue,
    workflowId: `${workflowId}/epic-1`,
    args: [{ sessionId: 0, epic: 1, maxAttempts: 1, taskTimeoutMinutes: 60, first: order }],
  });
  while (!world.log.includes('run 1')) await sleepMs(20);
  const handle = await workflow.start('runProject', {
    taskQueue: temporal.taskQueue,
    workflowId,
    args: [{ project, parallel: true }],
  });
  const started = async () => (await handle.query(statusQuery)).running.length > 0;
  while (!(await started())) await sleepMs(50);
  await handle.cancel();
  const error: unknown = await handle.result().catch((reason: unknown) => reason);
  expect(left).toBe(false);
  leave();
  await worker.stop();
  expect(error).toMatchObject({ cause: expect.any(CancelledFailure) });
});
