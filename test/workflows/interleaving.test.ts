import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../activities/scope/contract';
import type { RunInput } from '../../domain/session/run-input';
import {
  pauseUpdate,
  planChangedUpdate,
  resumeUpdate,
  retryTaskUpdate,
  setBudgetUpdate,
  skipTaskUpdate,
  statusQuery,
  taskHeldSignal,
} from '../../workflows/messages';
import { fakeWorld, logged, untilCancelled, type FakeAnswers, type FakeWorld } from '../support/fake-world';
import { task } from '../support/guide-tasks';
import type { RandomTask } from '../support/random-plan';
import { connectTemporal } from '../support/temporal';
import { until } from '../support/until';
import { newProject, useWorlds } from '../support/worlds';

const temporal = useWorlds();

interface Start {
  input?: Partial<RunInput>;
  answers?: FakeAnswers;
  activities?: (own: Activities) => Partial<Activities>;
}

async function start(plan: RandomTask[], { input = {}, answers = {}, activities = () => ({}) }: Start) {
  const world = fakeWorld(plan, answers);
  const project = newProject();
  temporal.give(project, { ...world.activities, ...activities(world.activities) });
  return { world, handle: await temporal.run(project, input) };
}

const times = (world: FakeWorld, line: string) => world.log.filter((one) => one === line).length;

function latch() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), opened };
}

test('a task is to be skipped in the moment in which it starts: it runs, the answer says so, and nothing is on record', async () => {
  const first = latch();
  const world = fakeWorld([task(1, 1), task(2, 1, [1])], {
    async run({ task: id }) {
      if (id === 1) await first.opened;
      return { kind: 'done' };
    },
  });
  // With a worker that can be stopped.
  const own = await connectTemporal();
  const worker = await own.startWorker(world.activities);
  const project = newProject();
  const handle = await own.client.workflow.start('runProject', {
    taskQueue: own.taskQueue,
    workflowId: `yokeflow-${project}`,
    args: [{ parallel: true, project }],
  });
  await logged(world, 'run 1');
  await handle.executeUpdate(pauseUpdate);
  first.open();
  await until(async () => (await handle.query(statusQuery)).tasks[0]!.status === 'complete');
  await worker.stop();
  const resumed = handle.executeUpdate(resumeUpdate);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const skipped = handle.executeUpdate(skipTaskUpdate, { args: [2] });
  const answer = skipped.catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 500));
  await own.startWorker(world.activities);
  expect(await resumed).toBe('resumed');
  expect(await answer).toMatchObject({
    cause: { message: /^task: T2 is running: cancelTask stops it; this needs one that is waiting/ },
  });
  expect(await handle.result()).toMatchObject({ status: 'complete' });
  expect(times(world, 'run 2')).toBe(1);
  expect(times(world, 'skip 2')).toBe(0);
  await own.close();
});

test('of two budgets the one that was set last is the last on record, however often the first cannot be', async () => {
  const finish = latch();
  const budgets: number[] = [];
  let tries = 0;
  const { handle } = await start([task(1, 1)], {
    answers: { run: () => finish.opened.then(() => ({ kind: 'done' as const })) },
    activities: () => ({
      async recordBudget({ budgetUsd }) {
        if (budgetUsd === 5 && ++tries < 3) throw new Error('PostgreSQL is away');
        budgets.push(budgetUsd!);
      },
    }),
  });
  await until(async () => (await handle.query(statusQuery)).running.length > 0);
  const first = handle.executeUpdate(setBudgetUpdate, { args: [5] });
  await until(() => tries > 0);
  await handle.executeUpdate(setBudgetUpdate, { args: [9] });
  await first;
  expect(budgets).toEqual([5, 9]);
  expect((await handle.query(statusQuery)).budgetUsd).toBe(9);
  finish.open();
  await handle.result();
});

test('a task is to be tried again while the last other one ends: the session waits for that, and tries it', async () => {
  const [record, last] = [latch(), latch()];
  let broken = true;
  let asked = false;
  const { world, handle } = await start([task(1, 1), task(2, 2)], {
    answers: {
      async run({ task: id }) {
        if (id === 2) await last.opened;
        return id === 1 && broken ? { kind: 'failed', reason: 'red', again: false } : { kind: 'done' };
      },
    },
    activities: () => ({
      async recordRetry() {
        asked = true;
        await record.opened;
      },
    }),
  });
  await until(async () => (await handle.query(statusQuery)).tasks[0]?.status === 'failed');
  const answer = handle.executeUpdate(retryTaskUpdate, { args: [{ task: 1, instructions: 'otherwise' }] });
  await until(() => asked);
  broken = false;
  last.open();
  await until(async () => (await handle.query(statusQuery)).state === 'finished');
  record.open();
  expect(await answer).toBe('T1 will be tried again');
  expect(await handle.result()).toMatchObject({ status: 'complete' });
  expect(times(world, 'run 1')).toBe(2);
});

test('an agent that settles what a task depends on is held for want of money: it goes on with the budget', async () => {
  let conflicts = 1;
  let mends = 0;
  const { world, handle } = await start([task(1, 1)], {
    answers: {
      run: () => (conflicts-- > 0 ? { kind: 'conflict', reason: 'conflicts in a.txt' } : { kind: 'done' }),
      mend: () => (mends++ === 0 ? { kind: 'held', why: 'budget', reason: 'used up' } : { kind: 'done' }),
    },
  });
  await until(async () => (await handle.query(statusQuery)).state === 'paused');
  await handle.executeUpdate(setBudgetUpdate, { args: [9] });
  expect(await handle.result()).toMatchObject({ status: 'complete' });
  expect([times(world, 'mend 1'), times(world, 'run 1')]).toEqual([2, 2]);
});

test("a hold of what does not run is nobody's: the session is not on record as paused", async () => {
  const first = latch();
  const { world, handle } = await start([task(1, 1), task(2, 1, [1])], {
    answers: { run: () => first.opened.then(() => ({ kind: 'done' as const })) },
  });
  await logged(world, 'run 1');
  const held = { sessionId: 1, epic: 1, task: 2, why: 'budget', reason: 'used up' } as const;
  await handle.signal(taskHeldSignal, held);
  expect((await handle.query(statusQuery)).state).toBe('running');
  first.open();
  await handle.result();
  expect(world.log).not.toContain('pause');
});

test('a session that is being closed refuses what it can take no more', async () => {
  const close = latch();
  let closing = false;
  const { handle } = await start([task(1, 1)], {
    activities: (own) => ({
      async closeSession(input) {
        closing = true;
        await close.opened;
        return own.closeSession(input);
      },
    }),
  });
  await until(() => closing);
  for (const update of [pauseUpdate, resumeUpdate, planChangedUpdate]) {
    await expect(handle.executeUpdate(update)).rejects.toMatchObject({
      cause: { message: 'session: is ending; start it again instead' },
    });
  }
  close.open();
  await handle.result();
});

test('an epic that joins with a changed plan is called by its name', async () => {
  const first = latch();
  const plan = [task(1, 1)];
  const { world, handle } = await start(plan, {
    answers: { run: () => first.opened.then(() => ({ kind: 'done' as const })) },
  });
  await logged(world, 'run 1');
  plan.push(task(2, 2));
  expect(await handle.executeUpdate(planChangedUpdate)).toBe('1 task joined the session');
  expect((await handle.query(statusQuery)).epics.map(({ name }) => name)).toEqual(['Epic 1', 'Epic 2']);
  first.open();
  await handle.result();
});

test('a task is edited when its failure is on record, and the session has not heard of it: it is tried again', async () => {
  const [ended, heard] = [latch(), latch()];
  let tries = 0;
  const { handle } = await start([task(1, 1)], {
    activities: (own) => ({
      async runTask(input) {
        if (++tries > 1) return own.runTask(input);
        ended.open();
        await heard.opened;
        return { kind: 'failed', reason: 'red', again: false };
      },
    }),
  });
  await ended.opened;
  await handle.executeUpdate(planChangedUpdate);
  heard.open();
  expect(await handle.result()).toMatchObject({ status: 'complete' });
  expect(tries).toBe(2);
});

test('a task that failed while the plan changed, and that nobody edited, stays failed', async () => {
  const heard = latch();
  const { world, handle } = await start([task(1, 1)], {
    answers: {
      run: () => heard.opened.then(() => ({ kind: 'failed' as const, reason: 'red', again: false })),
    },
  });
  await logged(world, 'run 1');
  await handle.executeUpdate(planChangedUpdate);
  heard.open();
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'SessionIncomplete' } });
  expect(times(world, 'run 1')).toBe(1);
});

test('the plan loses a task that was ordered and could not begin: the rest of its epic lands', async () => {
  const [ordered, gone] = [latch(), latch()];
  const plan = [task(1, 1), task(2, 1, [1])];
  const notInPlan = () =>
    Promise.reject(ApplicationFailure.nonRetryable('task 2 is not in the plan', 'InvalidInput'));
  const { world, handle } = await start(plan, {
    activities: (own) => ({
      async runTask(input) {
        if (input.task !== 2) return own.runTask(input);
        ordered.open();
        await gone.opened;
        return notInPlan();
      },
      failTask: notInPlan,
      recordFailed: async () => undefined,
    }),
  });
  await ordered.opened;
  plan.pop();
  await handle.executeUpdate(planChangedUpdate);
  gone.open();
  expect(await handle.result()).toMatchObject({ status: 'complete' });
  expect(world.log).toContain('land 1');
});

test('what is new in an epic that the session leaves out does not join it', async () => {
  const first = latch();
  const plan = [task(1, 1)];
  const { world, handle } = await start(plan, {
    input: { epics: [1] },
    answers: { run: () => first.opened.then(() => ({ kind: 'done' as const })) },
  });
  await logged(world, 'run 1');
  plan.push(task(2, 2));
  expect(await handle.executeUpdate(planChangedUpdate)).toBe('the plan is loaded again');
  first.open();
  await logged(world, 'close');
  expect(world.log).not.toContain('run 2');
});

test.each([
  ['closed', [task(1, 1)]],
  ['open', [task(1, 1), task(2, 1, [3]), task(3, 2)]],
])(
  'a task whose epic is %s is retried once that is on record: a late record would undo what comes of it',
  async (_, plan) => {
    let tries = 0;
    let refused = 0;
    const { world, handle } = await start(plan, {
      input: { onFailure: 'wait' },
      answers: {
        run: async ({ task: id }) => {
          if (id === 3) await until(() => times(world, 'run 1') > 1);
          return id === 1 && ++tries === 1
            ? { kind: 'failed', reason: 'it does not compile', again: false }
            : { kind: 'done' };
        },
      },
      activities: (own) => ({
        async recordUnblocked(input) {
          if (++refused < 4) throw new Error('PostgreSQL is away');
          await own.recordUnblocked(input);
        },
      }),
    });
    await until(async () => (await handle.query(statusQuery)).waits.length > 0);
    await handle.executeUpdate(retryTaskUpdate, { args: [1] });
    await handle.result();
    const order = world.log.filter((line) => line === 'run 1' || line.startsWith('unblock 1'));
    expect(order).toEqual(['run 1', 'unblock 1', 'run 1']);
  },
);

test('a task whose budget is set is named as people name tasks: what no row has would be tried for ever', async () => {
  const set: unknown[] = [];
  const { world, handle } = await start([task(1, 1)], {
    answers: { run: () => untilCancelled() },
    activities: () => ({
      recordBudget: async ({ task: id, budgetUsd }) => void set.push([id, budgetUsd]),
    }),
  });
  await logged(world, 'run 1');
  for (const name of [1, '1', 'T1', 't1'])
    await handle.executeUpdate(setBudgetUpdate, { args: [{ task: name, budgetUsd: 2 }] });
  expect(set).toEqual(Array.from({ length: 4 }, () => [1, 2]));
  await handle.terminate();
});
