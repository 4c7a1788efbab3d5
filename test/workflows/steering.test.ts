import { ApplicationFailure } from '@temporalio/common';
import {
  cancelTaskUpdate,
  pauseUpdate,
  planChangedUpdate,
  resumeUpdate,
  retryMergeUpdate,
  retryTaskUpdate,
  setMaxConcurrencyUpdate,
  setBudgetUpdate,
  skipTaskUpdate,
  statusQuery,
} from '../../workflows/messages';
import { logged, untilCancelled } from '../support/fake-world';
import { guide, task } from '../support/guide-tasks';
import { until } from '../support/until';
import { useWorlds } from '../support/worlds';

const temporal = useWorlds();

const failed = { kind: 'failed', reason: 'it does not compile', again: false } as const;

test('cancelTask stops one task, its epic goes on; retried in the same epic it has a try of its own', async () => {
  let stopped = 0;
  const holders: string[] = [];
  const { world, handle, project } = await temporal.start(
    [task(1, 1), task(2, 1)],
    { onFailure: 'wait' },
    {
      run: async ({ task: id, holder }) => {
        if (id === 1) holders.push(holder);
        if (id !== 1 || holders.length > 1) return { kind: 'done' };
        return untilCancelled().finally(() => stopped++);
      },
    },
  );
  await logged(world, 'run 1');
  await expect(handle.executeUpdate(skipTaskUpdate, { args: [1] })).rejects.toMatchObject({
    cause: { message: /^task: T1 is running: cancelTask stops it; this needs one that is waiting/ },
  });
  expect(await handle.executeUpdate(cancelTaskUpdate, { args: ['T1'] })).toBe(
    'T1 is being stopped; what it has written is kept',
  );
  await logged(world, 'commit 2');
  expect(stopped).toBe(1);
  expect(world.log).toContain('fail 1: cancelled by a person');
  // T2 has been committed; the session hears of it a moment later.
  await until(async () => (await handle.query(statusQuery)).running.length === 0);
  expect((await handle.query(statusQuery)).waits).toEqual([
    {
      reason: 'T1 failed: cancelled by a person',
      commands: ['retryTask', 'skipTask'].map(
        (name) => `temporal workflow update execute -w yokeflow-${project} --name ${name} --input 1`,
      ),
    },
  ]);
  const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  expect(currentDetails).toMatch(
    /1 of 2 tasks done\n.*\n\nWaits for a person[^]*T1 failed: cancelled by a person/,
  );
  await handle.executeUpdate(retryTaskUpdate, {
    args: [{ task: 1, instructions: 'Keep the old API', model: 'opus' }],
  });
  await handle.result();
  expect(world.log).toContain('retry 1: Keep the old API, opus');
  expect(new Set(holders).size).toBe(2);
  expect(world.log.slice(-3)).toEqual(['land 1', 'clean 1', 'close']);
});

test('cancelTask of a task that waits: it never starts, what needs it is blocked', async () => {
  let release = () => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  const { world, handle } = await temporal.start(
    guide,
    {},
    { run: () => gate.then(() => ({ kind: 'done' as const })) },
  );
  await logged(world, 'run 1');
  expect(await handle.executeUpdate(cancelTaskUpdate, { args: [2] })).toBe(
    'T2 does not start; it counts as failed',
  );
  release();
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'SessionIncomplete' } });
  expect(world.log).toContain('lost 2: cancelled by a person');
  expect(world.log).not.toContain('run 2');
  expect(world.notes.blocked.map(({ task: id }) => id).sort()).toEqual([3, 4, 5, 7]);
});

test('a task whose agent is held for want of money can be cancelled too: then the session goes on without it', async () => {
  const { world, handle } = await temporal.start(
    [task(1, 1)],
    {},
    { run: () => ({ kind: 'held', why: 'budget', reason: 'used up' }) },
  );
  await until(async () => (await handle.query(statusQuery)).state === 'paused');
  await handle.executeUpdate(cancelTaskUpdate, { args: [1] });
  await logged(world, 'fail 1: cancelled by a person');
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'SessionIncomplete' } });
});

test('every refusal is one line that names the field', async () => {
  const { world, handle } = await temporal.start(
    guide,
    { onFailure: 'wait' },
    {
      run: ({ task: id }) => (id === 3 ? failed : { kind: 'done' }),
    },
  );
  await until(async () => (await handle.query(statusQuery)).waits.length > 0);
  const refusals: [{ name: string }, unknown, string][] = [
    [
      retryTaskUpdate,
      { task: 3, hint: 'x' },
      'hint: is not a field; the fields are task, instructions, model',
    ],
    [retryTaskUpdate, 5, 'task: T5 depends on T3, which failed; retry T3 first, or skip it'],
    [retryTaskUpdate, 99, 'task: T99 is not in this session'],
    [cancelTaskUpdate, 3, 'task: T3 is failed; this needs one that is waiting, ready, running'],
    [cancelTaskUpdate, 'all', 'task: must be a task number such as 7 or "T7", got "all"'],
    [skipTaskUpdate, { epic: 3 }, 'task: must be a task number such as 7 or "T7", got {"epic":3}'],
    [
      cancelTaskUpdate,
      { task: 5, when: 'now' },
      'task: must be a task number such as 7 or "T7", got {"task":5,"when":"now"}',
    ],
    [
      setMaxConcurrencyUpdate,
      { maxConcurrency: 5, until: 6 },
      'maxConcurrency: must be a whole number from 1 to 10, got {"maxConcurrency":5,"until":6}',
    ],
    [retryMergeUpdate, { task: 1 }, 'epic: must be an epic number such as 2, got {"task":1}'],
    [setBudgetUpdate, 0, 'budgetUsd: must be an amount in USD above 0, such as 5, got 0'],
    [setBudgetUpdate, 1e10, 'budgetUsd: must be at most 1000000000 USD, got 10000000000'],
    [retryMergeUpdate, 1, 'epic: epic-1 does not wait for a merge'],
    [pauseUpdate, { x: 1 }, 'pause: takes no input, got {"x":1}'],
    [resumeUpdate, 3, 'resume: takes no input, got 3'],
    [planChangedUpdate, 'T3', 'planChanged: takes no input, got "T3"'],
  ];
  for (const [update, input, message] of refusals) {
    await expect(handle.executeUpdate(update.name, { args: [input] })).rejects.toMatchObject({
      cause: { message },
    });
  }
  expect(world.log).not.toContain('pause');
  // From a form that asks for input.
  for (const nothing of [null, {}]) await handle.executeUpdate(pauseUpdate.name, { args: [nothing] });
  await handle.executeUpdate(resumeUpdate);
  await handle.executeUpdate(skipTaskUpdate, { args: [3] });
  await handle.result();
  expect(world.log).toEqual(expect.arrayContaining(['skip 3', 'commit 5', 'commit 7']));
});

test('a signal that says nothing, sent by hand, ends neither the session nor its epic', async () => {
  let begun = 0;
  let finish = () => {};
  const asked = new Promise<void>((resolve) => (finish = resolve));
  const run = async () => {
    begun++;
    await asked;
    return { kind: 'done' } as const;
  };
  const { world, handle } = await temporal.start([task(1, 1)], {}, { run });
  await logged(world, 'run 1');
  const epic = temporal.client.workflow.getHandle(`${handle.workflowId}/epic-1`);
  const nobodys = [{ sessionId: 1, task: 99, epic: 99, outcome: 'complete', tasks: [] }];
  for (const message of [[], [null], [{}], ['x'], nobodys]) {
    for (const name of ['taskSettled', 'taskHeld', 'costChanged']) await handle.signal(name, ...message);
    await epic.signal('order', ...message);
  }
  await handle.signal('taskHeld', { sessionId: 1, task: null, epic: 99, why: 'budget', reason: 'none' });
  // Both have taken them once they answer.
  const answers = Promise.all([handle.query(statusQuery), epic.query('__temporal_workflow_metadata')]);
  await answers.catch(() => undefined).finally(finish);
  expect(await handle.result()).toMatchObject({ status: 'complete' });
  expect(begun).toBe(1);
});

test('a conflict with onConflict wait keeps the session open, says where, and shows as a named timer', async () => {
  let conflicts = 1;
  const { world, handle, project } = await temporal.start(
    [task(1, 1)],
    { onConflict: 'wait' },
    {
      land: () => (conflicts-- > 0 ? ('conflict' as const) : ('landed' as const)),
    },
  );
  await until(async () => (await handle.query(statusQuery)).waits.length > 0);
  expect((await handle.query(statusQuery)).waits).toEqual([
    {
      reason: 'epic-1: is conflict',
      commands: [`temporal workflow update execute -w yokeflow-${project} --name retryMerge --input 1`],
    },
  ]);
  await handle.executeUpdate(retryMergeUpdate, { args: [{ epic: 1 }] });
  await handle.result();
  expect(world.log.filter((line) => line === 'land 1')).toHaveLength(2);
  const { events } = await handle.fetchHistory();
  const bars = events!.flatMap(({ timerStartedEventAttributes: timer, userMetadata }) =>
    timer ? [JSON.parse(Buffer.from(userMetadata!.summary!.data!).toString()) as string] : [],
  );
  expect(bars).toEqual(['waits for a person: epic-1']);
});

test('an epic whose landing could not be tried to the end is merged again when a person asks for it', async () => {
  let lost = false;
  let finish = () => {};
  const asked = new Promise<void>((resolve) => (finish = resolve));
  const { world, handle } = await temporal.start(
    [task(1, 1), task(2, 2)],
    {},
    {
      run: async ({ task: id }) => {
        if (id === 2) await asked;
        return { kind: 'done' };
      },
      land(epic) {
        if (epic !== 1 || lost) return 'landed';
        if (world.log.filter((line) => line === 'land 1').length === 2) lost = true;
        throw ApplicationFailure.nonRetryable('a newer try owns the worktree', 'LeaseLost');
      },
    },
  );
  const epic = async () => (await handle.query(statusQuery)).epics.find(({ lane }) => lane === 'epic-1');
  await until(async () => (await epic())?.status === 'lost');
  expect(await handle.executeUpdate(retryMergeUpdate, { args: [1] })).toBe('epic-1 will be merged again');
  finish();
  expect(await handle.result()).toMatchObject({ status: 'complete' });
});

test('resume says when nothing was paused', async () => {
  let finish = () => {};
  const asked = new Promise<void>((resolve) => (finish = resolve));
  const run = () => asked.then(() => ({ kind: 'done' as const }));
  const { world, handle } = await temporal.start([task(1, 1)], {}, { run });
  await logged(world, 'run 1');
  expect(await handle.executeUpdate(resumeUpdate)).toBe('it was not paused: it goes on');
  await handle.executeUpdate(pauseUpdate);
  expect(await handle.executeUpdate(resumeUpdate)).toBe('resumed');
  finish();
  await handle.result();
});

test('a person who pauses has the last word over a budget; going on with a fresh history keeps the pause', async () => {
  const budget = 'budget: the session has used its 5 USD';
  const continued = { sessionId: 1, pauseReason: budget, maxConcurrency: 7 };
  const { world, handle } = await temporal.start([task(1, 1)], {}, {}, [continued]);
  await until(async () => (await handle.query(statusQuery)).state === 'paused');
  const status = await handle.query(statusQuery);
  expect(status).toMatchObject({ maxConcurrency: 7, running: [], waits: [{ reason: `paused: ${budget}` }] });
  expect(status.waits[0]!.commands[0]).toContain('--name setBudget --input USD');
  await handle.executeUpdate(pauseUpdate);
  await handle.executeUpdate(setBudgetUpdate, { args: [9] });
  expect(await handle.query(statusQuery)).toMatchObject({
    state: 'paused',
    waits: [{ reason: 'paused: by a person' }],
  });
  await handle.executeUpdate(resumeUpdate);
  await handle.result();
  expect(world.log).toContain('budget 9');
});
