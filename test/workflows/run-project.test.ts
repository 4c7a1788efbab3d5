import { ApplicationFailure, CancelledFailure, type WorkflowFailedError } from '@temporalio/client';
import fc from 'fast-check';
import {
  costChangedSignal,
  pauseUpdate,
  resumeUpdate,
  setBudgetUpdate,
  setMaxConcurrencyUpdate,
  statusQuery,
  taskSettledSignal,
} from '../../workflows/messages';
import { fakeWorld, untilCancelled } from '../support/fake-world';
import { randomPlan } from '../support/random-plan';
import { newProject, useWorlds } from '../support/worlds';
import { tellSession } from '../../activities/task/tell-session';
import { guide, task } from '../support/guide-tasks';

const temporal = useWorlds();

async function failureOf(result: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await result.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  return (error as WorkflowFailedError).cause as ApplicationFailure;
}

const landed = (log: string[]) =>
  log.flatMap((line) => (line.startsWith('land ') ? line.slice(5).split(' ') : [])).sort();

test('an activity has time for all the commands that it runs, each as long as a task may take', async () => {
  const taskTimeoutMinutes = 600;
  const { handle } = await temporal.start([task(1, 1)], { taskTimeoutMinutes });
  await handle.result();
  const epic = temporal.client.workflow.getHandle(`${handle.workflowId}/epic-1`);
  const events = [handle, epic].map((one) => one.fetchHistory().then((history) => history.events ?? []));
  const hours = new Map(
    (await Promise.all(events))
      .flat()
      .flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
        scheduled
          ? [[scheduled.activityType!.name!, Number(scheduled.startToCloseTimeout!.seconds) / 3600] as const]
          : [],
      ),
  );
  // Set-up and agent; verify, and once more where it was killed; set-up, verify and clean-up of the merged tree.
  expect(hours.get('runTask')).toBeGreaterThan(2 * 10);
  expect(hours.get('completeTask')).toBeGreaterThan(2 * 10);
  expect(hours.get('landStack')).toBeGreaterThan(3 * 10);
});

test('runs the guide plan: batches, order, one landing an epic, one close', async () => {
  const { world, handle } = await temporal.start(guide);
  await handle.result();
  expect(world.notes.batches).toEqual([[1, 6], [2], [3, 4], [5, 7]]);
  for (const { id, dependsOn } of guide) {
    for (const other of dependsOn) {
      expect(world.log.indexOf(`commit ${other}`)).toBeLessThan(world.log.indexOf(`run ${id}`));
    }
  }
  expect(landed(world.log)).toEqual(['1', '2', '3']);
  expect(world.log.filter((line) => line === 'close')).toHaveLength(1);
  expect(world.peak.lane).toBe(1);
});

test('random plans, paged: never two of an epic at once, never more than maxConcurrency', async () => {
  await fc.assert(
    fc.asyncProperty(randomPlan(12, 4), fc.integer({ min: 1, max: 10 }), async (plan, maxConcurrency) => {
      const { world, handle } = await temporal.start(plan, { maxConcurrency }, { pageSize: 5 });
      await handle.result();
      expect(world.peak.lane).toBe(1);
      expect(world.peak.total).toBeLessThanOrEqual(maxConcurrency);
      expect(world.log.filter((line) => line.startsWith('commit'))).toHaveLength(plan.length);
    }),
    { numRuns: 5 },
  );
});

test('sequential: one lane, one agent at a time', async () => {
  const { world, handle } = await temporal.start(guide, { parallel: false });
  await handle.result();
  expect(world.peak.total).toBe(1);
  expect(world.log.filter((line) => line.startsWith('land'))).toEqual(['land null']);
});

test('a failing task is tried maxAttempts times, blocks its dependants, and the session ends as SessionIncomplete', async () => {
  const { world, handle } = await temporal.start(
    guide,
    { maxAttempts: 2 },
    { run: ({ task: id }) => (id === 3 ? { kind: 'failed', reason: 'no', again: true } : { kind: 'done' }) },
  );
  const failure = await failureOf(handle.result());
  expect(failure.type).toBe('SessionIncomplete');
  expect(failure.details?.[0]).toMatchObject({ status: 'incomplete' });
  expect(world.log.filter((line) => line === 'run 3')).toHaveLength(2);
  expect(world.notes.blocked.map(({ task: id }) => id).sort()).toEqual([5, 7]);
  expect(landed(world.log)).toEqual(['1']);
});

test('an activity that can never work fails its task with the innermost reason', async () => {
  const { world, handle } = await temporal.start(
    [task(1, 1)],
    {},
    {
      run: () => {
        throw ApplicationFailure.nonRetryable('the agent "codex" is not installed', 'AgentUnavailable');
      },
    },
  );
  expect((await failureOf(handle.result())).type).toBe('SessionIncomplete');
  expect(world.log).toContain('fail 1: the agent "codex" is not installed');
});

test('a usage limit holds the whole session, which goes on with the same try by itself', async () => {
  let limited = 0;
  const { world, handle } = await temporal.start(
    [task(1, 1), task(2, 2)],
    { maxConcurrency: 1 },
    {
      run: ({ task: id }) =>
        id === 1 && limited++ === 0
          ? { kind: 'held', why: 'limit', reason: '429 try later', forMs: 4_000 }
          : { kind: 'done' },
    },
  );
  const until = async (state: string) => {
    while ((await handle.query(statusQuery)).state !== state) await new Promise((go) => setTimeout(go, 50));
  };
  await until('paused');
  expect((await handle.query(statusQuery)).waits[0]!.reason).toMatch(
    /^paused: limit: 429 try later \(until 20\d\d-\d\d-\d\d \d\d:\d\d UTC\)$/,
  );
  expect(world.log.filter((line) => line.startsWith('run'))).toEqual(['run 1']);
  await handle.result();
  expect(world.log.filter((line) => /^(run|pause|resume)/.test(line))).toEqual([
    'run 1',
    'pause',
    'resume',
    'run 1',
    'run 2',
  ]);
});

test('a person who pauses while a limit lasts has the last word', async () => {
  let limited = 0;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const { world, handle } = await temporal.start(
    [task(1, 1)],
    {},
    {
      async run() {
        if (limited++ === 0) return { kind: 'held', why: 'limit', reason: '429 try later', forMs: 1_000 };
        await finished;
        return { kind: 'done' };
      },
    },
  );
  while (!world.log.includes('pause')) await new Promise((go) => setTimeout(go, 30));
  await handle.executeUpdate(pauseUpdate);
  await new Promise((go) => setTimeout(go, 1_500));
  expect(await handle.query(statusQuery)).toMatchObject({
    state: 'paused',
    waits: [{ reason: 'paused: by a person' }],
  });
  await handle.executeUpdate(resumeUpdate);
  finish();
  await handle.result();
  expect(world.log.filter((line) => line === 'run 1')).toHaveLength(2);
});

test('a hold that was judged by an older budget, and heard of after the change, pauses nothing', async () => {
  let finish: (() => void) | undefined;
  let tries = 0;
  const { world, handle } = await temporal.start(
    [task(1, 1)],
    { budgetUsd: 1 },
    {
      async run() {
        if (++tries > 1) return { kind: 'done' };
        await new Promise<void>((resolve) => (finish = resolve));
        return { kind: 'held', why: 'budget', reason: 'spent' };
      },
    },
  );
  while (!finish) await new Promise((go) => setTimeout(go, 30));
  await handle.executeUpdate(setBudgetUpdate, { args: [5] });
  finish();
  await handle.result();
  expect(world.log.filter((line) => /^(run|pause|resume)/.test(line))).toEqual(['run 1', 'run 1']);
});

test('what agents have spent is in the picture while they work', async () => {
  let finish: (() => void) | undefined;
  const { handle } = await temporal.start(
    [task(1, 1), task(2, 2)],
    { budgetUsd: 5 },
    {
      async run({ task: id }) {
        if (id === 1) await new Promise<void>((resolve) => (finish = resolve));
        return { kind: 'done', costUsd: id };
      },
    },
  );
  while (!finish) await new Promise((go) => setTimeout(go, 30));
  await handle.signal(costChangedSignal, {
    sessionId: 1,
    totalUsd: 2.5,
    tasks: [{ task: 1, costUsd: 0.5 }],
  });
  await handle.signal(costChangedSignal, { sessionId: 99, totalUsd: 900, tasks: [] });
  const view = await handle.query(statusQuery);
  expect(view).toMatchObject({ costUsd: 2.5, budgetUsd: 5 });
  expect(view.epics.find(({ lane }) => lane === 'epic-1')).toMatchObject({ costUsd: 0.5 });
  finish();
  await handle.result();
});

test('what an epic of an earlier session still reports is of no task of this one', async () => {
  let finish: (() => void) | undefined;
  const { handle } = await temporal.start(
    [task(1, 1)],
    {},
    {
      async run() {
        await new Promise<void>((resolve) => (finish = resolve));
        return { kind: 'done' };
      },
    },
  );
  while (!finish) await new Promise((go) => setTimeout(go, 30));
  await handle.signal(taskSettledSignal, { sessionId: 99, task: 1, outcome: 'failed', reason: 'long ago' });
  expect((await handle.query(statusQuery)).tasks).toMatchObject([{ task: 1, status: 'running' }]);
  finish();
  expect(await handle.result()).toMatchObject({ status: 'complete' });
});

test.each([
  [{ maxConcurrency: 0 }, 'maxConcurrency: must be a whole number from 1 to 10, got 0'],
  [{ maxConcurrency: 11 }, 'maxConcurrency: must be a whole number from 1 to 10, got 11'],
  [{ maxConcurrency: 'many' as never }, 'maxConcurrency: must be a whole number from 1 to 10, got "many"'],
  [{ mergeStrategy: 'rebase' as never }, 'mergeStrategy: must be one of regular, squash, got "rebase"'],
  [{ nonsense: 1 } as never, /^nonsense: is not a field of the input; the fields are project, parallel/],
])('bad input %j fails at once as InvalidInput and names the field', async (input, message) => {
  const { world, handle } = await temporal.start(guide, input);
  const failure = await failureOf(handle.result());
  expect(failure.type).toBe('InvalidInput');
  expect(failure.message).toMatch(message);
  expect(world.log).toEqual([]);
});

test.each([[[]], [[null]], [[{ project: 'demo' }]]])(
  'runEpic started by hand with %j: InvalidInput',
  async (args) => {
    const handle = await temporal.client.workflow.start('runEpic', {
      taskQueue: temporal.taskQueue,
      workflowId: `by-hand-${newProject()}`,
      args,
    });
    const failure = await failureOf(handle.result());
    expect(failure).toMatchObject({
      type: 'InvalidInput',
      message: 'runEpic is started by sessions only: start runProject',
    });
  },
);

test('an unknown project: InvalidInput, and no session to close', async () => {
  const { world, handle } = await temporal.start(guide, { project: 'unknown' });
  expect(await failureOf(handle.result())).toMatchObject({ message: expect.stringContaining('unknown') });
  expect(world.log).toEqual([]);
});

test('a cycle that reached the database: nothing runs, the session is closed', async () => {
  const { world, handle } = await temporal.start([task(1, 1, [2]), task(2, 1, [1])]);
  const failure = await failureOf(handle.result());
  expect(failure.message).toBe('Circular dependencies detected: [(1, 2, 1)]');
  expect(world.log).toEqual(['open', 'close: Circular dependencies detected: [(1, 2, 1)]']);
});

test('nothing to do: it says so and completes', async () => {
  const { world, handle } = await temporal.start(guide, {}, { finished: guide.map(({ id }) => id) });
  await expect(handle.result()).resolves.toMatchObject({ status: 'complete' });
  expect(world.log).toEqual(['open', 'close']);
});

test('finished epics that never landed are landed, without running anything', async () => {
  const { world, handle } = await temporal.start(
    guide,
    {},
    { finished: guide.map(({ id }) => id), unlanded: [2] },
  );
  await handle.result();
  expect(world.log).toEqual(['open', 'land 2', 'clean 2', 'close']);
});

test('cancelling reaches running agents, and the session ends as cancelled after it was closed', async () => {
  const stopped: number[] = [];
  const { world, handle } = await temporal.start(
    guide,
    {},
    {
      run: async ({ task: id }) => {
        try {
          return await untilCancelled();
        } finally {
          stopped.push(id);
        }
      },
    },
  );
  while (world.log.filter((line) => line.startsWith('run')).length < 2)
    await new Promise((r) => setTimeout(r, 50));
  await handle.cancel();
  expect(await failureOf(handle.result())).toBeInstanceOf(CancelledFailure);
  expect(stopped.sort()).toEqual([1, 6]);
  expect(world.log.at(-1)).toBe('close');
});

test('a second start under another id runs under the session id; where one is open it ends as ProjectBusy', async () => {
  const project = newProject();
  let release = () => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  const { handle } = await temporal.start(
    [task(1, 1)],
    { project },
    { run: () => gate.then(() => ({ kind: 'done' as const })) },
  );
  const nightly = (suffix: string) =>
    temporal.client.workflow.start('runProject', {
      taskQueue: temporal.taskQueue,
      workflowId: `yokeflow-${project}-nightly-${suffix}`,
      args: [{ project, parallel: true }],
    });
  const busy = await failureOf((await nightly('1')).result());
  expect(busy.type).toBe('ProjectBusy');
  expect(busy.message).toContain(`yokeflow-${project} is open already`);
  release();
  await handle.result();
  await expect((await nightly('2')).result()).resolves.toMatchObject({ status: 'complete' });
});

test('a session that is cancelled ends the workflow that started it as cancelled too', async () => {
  const project = newProject();
  const world = fakeWorld([task(1, 1)], { run: untilCancelled });
  temporal.give(project, world.activities);
  const nightly = await temporal.client.workflow.start('runProject', {
    taskQueue: temporal.taskQueue,
    workflowId: `yokeflow-${project}-nightly`,
    args: [{ project, parallel: true }],
  });
  while (!world.log.includes('run 1')) await new Promise((r) => setTimeout(r, 50));
  await temporal.client.workflow.getHandle(`yokeflow-${project}`).cancel();
  expect(await failureOf(nightly.result())).toBeInstanceOf(CancelledFailure);
  expect((await nightly.describe()).status.name).toBe('CANCELLED');
});

test('status answers the whole picture; pause, resume and setMaxConcurrency are updates that say what is wrong', async () => {
  let release = () => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  const { world, handle } = await temporal.start(
    guide,
    {},
    { run: () => gate.then(() => ({ kind: 'done' as const })) },
  );
  while (world.log.length < 3) await new Promise((r) => setTimeout(r, 50));
  const status = await handle.query(statusQuery);
  expect(status).toMatchObject({ state: 'running', running: [1, 6], maxConcurrency: 3 });
  expect(status.batches.map((batch) => batch.tasks)).toEqual([[1, 6], [2], [3, 4], [5, 7]]);
  await expect(handle.executeUpdate(setMaxConcurrencyUpdate, { args: [0] })).rejects.toMatchObject({
    cause: { message: 'maxConcurrency: must be a whole number from 1 to 10, got 0' },
  });
  await handle.executeUpdate(pauseUpdate);
  release();
  while (world.log.filter((line) => line.startsWith('commit')).length < 2)
    await new Promise((r) => setTimeout(r, 50));
  expect(await handle.query(statusQuery)).toMatchObject({ state: 'paused' });
  await handle.executeUpdate(resumeUpdate);
  await handle.result();
  expect(world.log).toEqual(expect.arrayContaining(['pause', 'resume', 'close']));
});

test('a task that its activity told of is followed up while that activity still ends; a second word says nothing', async () => {
  const project = newProject();
  const place = { session: { workflowId: `yokeflow-${project}` } } as Parameters<typeof tellSession>[0];
  let followed!: () => void;
  const follower = new Promise<void>((resolve) => (followed = resolve));
  const plan = [task(1, 1), task(2, 2, [1]), task(3, 1, [1])];
  const { world, handle } = await temporal.start(
    plan,
    { project },
    {
      async run(input) {
        if (input.task === 2) followed();
        if (input.task !== 1) return { kind: 'done' };
        const outcome = await tellSession(place, input, { kind: 'done', complete: true });
        await follower;
        // As after a crash between the word and the end.
        return tellSession(place, input, outcome);
      },
    },
  );
  const result = await handle.result();
  expect(result).toMatchObject({ status: 'complete' });
  for (const { id } of plan) expect(world.log.filter((line) => line === `run ${id}`)).toHaveLength(1);
  const { events } = await temporal.client.workflow.getHandle(`yokeflow-${project}/epic-1`).fetchHistory();
  const words = (events ?? []).filter(
    (event) => event.signalExternalWorkflowExecutionInitiatedEventAttributes,
  );
  // Only of the task whose activity had not told.
  expect(words).toHaveLength(1);
});
