import fc from 'fast-check';
import { keptOf, step } from '../../../domain/scheduler';
import { neededLanes } from '../../../domain/scheduler/lane-graph';
import { randomPlan, type RandomTask } from '../../support/random-plan';
import { play, schedulerFor, stackEnd, type World } from '../../support/scheduler-run';
import { guide, task } from '../../support/guide-tasks';

const steady: World = { choose: () => 0, outcome: () => 'complete', landing: () => 'landed' };

describe('any plan, any order of ends', () => {
  const anyWorld = fc.record({
    picks: fc.infiniteStream(fc.nat()),
    failing: fc.array(fc.integer({ min: 1, max: 25 }), { maxLength: 3 }),
  });
  const worldOf = ({ picks, failing }: { picks: Iterator<number>; failing: number[] }): World => ({
    choose: (count) => (picks.next().value as number) % count,
    outcome: (id) => (failing.includes(id) ? 'failed' : 'complete'),
    landing: () => 'landed',
  });

  test.each(['dependencies', 'batches'] as const)(
    '%s: keeps every rule and ends with everything settled',
    (scheduling) => {
      fc.assert(
        fc.property(
          randomPlan(),
          anyWorld,
          fc.integer({ min: 1, max: 10 }),
          (plan, world, maxConcurrency) => {
            const state = schedulerFor(plan, { scheduling, maxConcurrency });
            const trace = play(state, worldOf(world));
            expect(trace.broken).toEqual([]);
            expect(trace.peak).toBeLessThanOrEqual(maxConcurrency);
            expect(new Set(trace.started).size).toBe(trace.started.length);
            expect(state.finished).toBe(true);
            const states = new Map([...state.tasks.values()].map((entry) => [entry.id, entry.state]));
            for (const one of plan) {
              const stopped = one.dependsOn.some((id) => ['failed', 'blocked'].includes(states.get(id)!));
              const expected = stopped ? 'blocked' : world.failing.includes(one.id) ? 'failed' : 'complete';
              expect(states.get(one.id)).toBe(expected);
            }
            for (const lane of state.lanes.values()) {
              const whole = lane.tasks.every((id) => states.get(id) === 'complete');
              expect(lane.outcome).toBe(whole ? 'landed' : 'incomplete');
            }
          },
        ),
      );
    },
  );

  test('batches: no task starts before all of the earlier batch are settled', () => {
    fc.assert(
      fc.property(randomPlan(), anyWorld, (plan, world) => {
        const state = schedulerFor(plan, { scheduling: 'batches', maxConcurrency: 10 });
        const trace = play(state, worldOf(world));
        const batches = trace.started.map((id) => state.tasks.get(id)!.batch);
        expect(batches).toEqual([...batches].sort((a, b) => a - b));
      }),
    );
  });

  test('a task starts at once when it is ready, a slot is free and its lane is free', () => {
    const state = schedulerFor(guide, { maxConcurrency: 10 });
    expect(step(state, { type: 'begin' })).toEqual([
      { type: 'startTask', task: 1, lane: 'epic-1' },
      { type: 'startTask', task: 6, lane: 'epic-3' },
    ]);
    expect(step(state, { type: 'taskSettled', task: 1, outcome: 'complete' })).toEqual([
      { type: 'startTask', task: 2, lane: 'epic-1' },
    ]);
    // T3 and T4 are both ready, but share a lane; T3 has the longer chain behind it or the lower id.
    expect(step(state, { type: 'taskSettled', task: 2, outcome: 'complete' })).toEqual([
      { type: 'startTask', task: 3, lane: 'epic-2' },
      { type: 'landStack', stack: [{ lane: 'epic-1', needs: [] }] },
    ]);
  });
});

describe('order', () => {
  test('by priority, then by the longest chain that waits, then by id', () => {
    const plan = [
      task(1, 1, [], 5),
      task(2, 2, [], 1),
      task(3, 3, [], 5),
      task(4, 3, [3], 5),
      task(5, 4, [], 5),
    ];
    const state = schedulerFor(plan, { maxConcurrency: 10 });
    const started = step(state, { type: 'begin' }).map((command) => 'task' in command && command.task);
    expect(started).toEqual([2, 3, 1, 5]);
  });
});

describe('failure', () => {
  test('blocks exactly what depends on it, with the reason, and lands the rest', () => {
    const state = schedulerFor(guide);
    const trace = play(state, { ...steady, outcome: (id) => (id === 3 ? 'failed' : 'complete') });
    expect(trace.landed).toEqual(['epic-1']);
    expect(trace.commands).toContainEqual({
      type: 'blockTasks',
      tasks: expect.arrayContaining([{ task: 5, reason: 'depends on T3, which failed' }]),
    });
    expect(state.tasks.get(4)!.state).toBe('complete');
    expect(state.tasks.get(7)!.state).toBe('blocked');
  });

  test('retrying the task frees what it blocked', () => {
    const state = schedulerFor(guide, { onFailure: 'wait' });
    play(state, { ...steady, outcome: (id) => (id === 3 ? 'failed' : 'complete') });
    expect(state.finished).toBe(false);
    const trace = play(state, steady, { type: 'retryTask', task: 3 });
    expect(trace.landed.sort()).toEqual(['epic-2', 'epic-3']);
    expect(state.finished).toBe(true);
  });

  test('a cancelled task that is retried after what it needs has failed is blocked by that, and the session ends', () => {
    const state = schedulerFor([task(1, 1), task(2, 1, [1]), task(3, 1)], { maxConcurrency: 1 });
    step(state, { type: 'begin' });
    step(state, { type: 'cancelTask', task: 2 });
    step(state, { type: 'taskSettled', task: 1, outcome: 'failed', reason: 'it broke' });
    expect(step(state, { type: 'retryTask', task: 2 })).toEqual([
      { type: 'unblockTasks', tasks: [2] },
      { type: 'blockTasks', tasks: [{ task: 2, reason: 'depends on T1, which failed' }] },
    ]);
    expect(step(state, { type: 'taskSettled', task: 3, outcome: 'complete' })).toEqual([
      { type: 'closeLane', lane: 'epic-1' },
    ]);
    step(state, { type: 'laneEnded', lane: 'epic-1', outcome: 'incomplete' });
    expect(state.finished).toBe(true);
  });

  test('of two that stop a task one is skipped: it says what stops it now, and so does the record', () => {
    const state = schedulerFor([task(1, 1), task(2, 2), task(3, 3, [1, 2])], { onFailure: 'wait' });
    play(state, { ...steady, outcome: () => 'failed' });
    const named = /^depends on T(\d), which failed$/.exec(state.tasks.get(3)!.reason!)![1];
    const [skipped, other] = named === '1' ? [1, 2] : [2, 1];
    const reason = `depends on T${other}, which failed`;
    expect(step(state, { type: 'skipTask', task: skipped })).toEqual([
      { type: 'countAsDone', task: skipped },
      { type: 'unblockTasks', tasks: [3] },
      { type: 'blockTasks', tasks: [{ task: 3, reason }] },
    ]);
    expect(state.tasks.get(3)).toMatchObject({ state: 'blocked', reason });
  });

  test('skipping it lets the dependants go on', () => {
    const state = schedulerFor(guide, { onFailure: 'wait' });
    play(state, { ...steady, outcome: (id) => (id === 3 ? 'failed' : 'complete') });
    play(state, steady, { type: 'skipTask', task: 3 });
    expect(state.tasks.get(5)!.state).toBe('complete');
    expect([...state.lanes.values()].map((lane) => lane.outcome)).toEqual(['landed', 'landed', 'landed']);
  });
});

describe('what earlier sessions did', () => {
  test('finished tasks are not started again and count as met', () => {
    const state = schedulerFor(guide, {}, ({ id }) => (id <= 2 ? 'finished' : 'todo'));
    expect(play(state, steady).started.sort()).toEqual([3, 4, 5, 6, 7]);
  });

  test('nothing to do: it finishes at once', () => {
    const state = schedulerFor(guide, {}, () => 'finished');
    expect(step(state, { type: 'begin' })).toEqual([{ type: 'finish' }]);
  });

  test('a task that depends on one outside the session is blocked and says so', () => {
    const state = schedulerFor(guide, {}, ({ epic }) => (epic === 2 ? 'todo' : 'excluded'));
    const commands = step(state, { type: 'begin' });
    expect(commands[0]).toEqual({
      type: 'blockTasks',
      tasks: expect.arrayContaining([
        { task: 3, reason: 'depends on T2, which is not part of this session' },
      ]),
    });
    expect(state.finished).toBe(true);
  });
});

describe('control', () => {
  test('pause holds new tasks and landings; resume goes on', () => {
    const state = schedulerFor(guide, { maxConcurrency: 1 });
    step(state, { type: 'begin' });
    step(state, { type: 'pause' });
    expect(step(state, { type: 'taskSettled', task: 1, outcome: 'complete' })).toEqual([]);
    expect(step(state, { type: 'resume' })).toEqual([{ type: 'startTask', task: 2, lane: 'epic-1' }]);
  });

  test('raising the concurrency starts more at once; lowering it stops nothing', () => {
    const plan = [1, 2, 3, 4].map((id) => task(id, id));
    const state = schedulerFor(plan, { maxConcurrency: 1 });
    step(state, { type: 'begin' });
    expect(step(state, { type: 'setMaxConcurrency', maxConcurrency: 3 })).toHaveLength(2);
    expect(step(state, { type: 'setMaxConcurrency', maxConcurrency: 1 })).toEqual([]);
    expect(step(state, { type: 'taskSettled', task: 1, outcome: 'complete' })).toEqual([
      { type: 'landStack', stack: [{ lane: 'epic-1', needs: [] }] },
    ]);
  });

  test('cancel starts nothing more and finishes when every lane has ended', () => {
    const state = schedulerFor(guide);
    step(state, { type: 'begin' });
    expect(step(state, { type: 'stop', how: 'cancel' })).toEqual([{ type: 'cancelLanes' }]);
    expect(step(state, { type: 'laneEnded', lane: 'epic-1', outcome: 'cancelled' })).toEqual([]);
    expect(step(state, { type: 'laneEnded', lane: 'epic-3', outcome: 'cancelled' })).toEqual([
      { type: 'finish' },
    ]);
  });

  test('a cancellation is not undone by a drain that was due at the same moment', () => {
    const state = schedulerFor(guide);
    step(state, { type: 'begin' });
    step(state, { type: 'stop', how: 'cancel' });
    step(state, { type: 'stop', how: 'suspend' });
    for (const lane of ['epic-1', 'epic-3']) step(state, { type: 'laneEnded', lane, outcome: 'cancelled' });
    expect(state).toMatchObject({ finished: true, stopping: 'cancel' });
  });

  test('what is asked for when all is settled gives the session something to do again', () => {
    const state = schedulerFor([task(1, 1)]);
    play(state, { ...steady, outcome: () => 'failed' });
    expect(state.finished).toBe(true);
    play(state, steady, { type: 'retryTask', task: 1 });
    expect(state.finished).toBe(true);
    expect(state.lanes.get('epic-1')!.outcome).toBe('landed');
  });

  test('an agent that has not seen the new budget goes on; one that does not run holds nobody', () => {
    const state = schedulerFor(guide);
    step(state, { type: 'begin' });
    const held = { type: 'taskHeld', reason: 'budget: used up' } as const;
    expect(step(state, { ...held, task: 1, outdated: true })).toEqual([
      { type: 'continueLane', lane: 'epic-1' },
    ]);
    for (const outdated of [true, false]) expect(step(state, { ...held, task: 2, outdated })).toEqual([]);
    expect(state.paused).toBe(false);
  });

  describe('what was held is cancelled', () => {
    const guided = () => {
      const state = schedulerFor(guide);
      step(state, { type: 'begin' });
      return state;
    };
    const budget = 'budget: used up';
    const fail = (id: number) => ({ type: 'taskSettled', task: id, outcome: 'failed' }) as const;

    test('nothing waits for money any more, so the session goes on', () => {
      const state = guided();
      step(state, { type: 'taskHeld', task: 1, reason: budget });
      step(state, { type: 'cancelTask', task: 1 });
      expect(state.paused).toBe(true);
      step(state, fail(1));
      expect(state).toMatchObject({ paused: false, pauseReason: null });
    });

    test('the session stays paused while another is held, and where a person paused it', () => {
      const both = guided();
      for (const id of [1, 6]) step(both, { type: 'taskHeld', task: id, reason: budget });
      step(both, fail(1));
      expect(both.paused).toBe(true);
      step(both, { type: 'laneEnded', lane: 'epic-3', outcome: 'cancelled' });
      expect(both.paused).toBe(false);
      const person = guided();
      step(person, { type: 'taskHeld', task: 1, reason: budget });
      step(person, { type: 'pause' });
      step(person, fail(1));
      expect(person.paused).toBe(true);
    });

    test('one that did not wait for money changes nothing', () => {
      const state = guided();
      step(state, { type: 'taskHeld', task: 1, reason: budget });
      step(state, fail(6));
      expect(state.paused).toBe(true);
    });
  });

  test('what ends one kind of pause leaves another alone', () => {
    const state = schedulerFor(guide);
    step(state, { type: 'begin' });
    step(state, { type: 'taskHeld', task: 1, reason: 'limit: try later' });
    step(state, { type: 'resume', from: 'budget' });
    expect(state.paused).toBe(true);
    expect(step(state, { type: 'resume', from: 'limit: try later' })).toEqual([
      { type: 'continueLane', lane: 'epic-1' },
    ]);
    expect(state.paused).toBe(false);
  });

  test('suspend lets running tasks settle, closes the lanes, then finishes', () => {
    const state = schedulerFor(guide);
    step(state, { type: 'begin' });
    expect(step(state, { type: 'stop', how: 'suspend' })).toEqual([]);
    step(state, { type: 'taskSettled', task: 1, outcome: 'complete' });
    expect(step(state, { type: 'taskSettled', task: 6, outcome: 'complete' })).toEqual([
      { type: 'closeLane', lane: 'epic-1' },
      { type: 'closeLane', lane: 'epic-3' },
    ]);
    step(state, { type: 'laneEnded', lane: 'epic-1', outcome: 'suspended' });
    expect(step(state, { type: 'laneEnded', lane: 'epic-3', outcome: 'suspended' })).toEqual([
      { type: 'finish' },
    ]);
  });
});

describe('a lane whose workflow ends by itself', () => {
  test('its task starts again, up to three times; then it fails and says so', () => {
    const state = schedulerFor([task(1, 1)]);
    const again = [{ type: 'startTask', task: 1, lane: 'epic-1' }];
    expect(step(state, { type: 'begin' })).toEqual(again);
    expect(step(state, { type: 'laneEnded', lane: 'epic-1', outcome: 'lost', reason: 'terminated' })).toEqual(
      again,
    );
    expect(step(state, { type: 'laneEnded', lane: 'epic-1', outcome: 'lost', reason: 'terminated' })).toEqual(
      again,
    );
    expect(step(state, { type: 'laneEnded', lane: 'epic-1', outcome: 'lost', reason: 'terminated' })).toEqual(
      [
        { type: 'failTask', task: 1, reason: 'the workflow of its epic ended 3 times: terminated' },
        { type: 'finish' },
      ],
    );
    expect(state.tasks.get(1)).toMatchObject({
      state: 'failed',
      reason: 'the workflow of its epic ended 3 times: terminated',
    });
  });

  test('lost while it cleans up: it has landed all the same', () => {
    const state = schedulerFor([task(1, 1)]);
    step(state, { type: 'begin' });
    step(state, { type: 'taskSettled', task: 1, outcome: 'complete' });
    const landed = stackEnd(['epic-1'], () => 'landed');
    expect(step(state, { type: 'stackEnded', ...landed })).toEqual([{ type: 'closeLane', lane: 'epic-1' }]);
    expect(step(state, { type: 'laneEnded', lane: 'epic-1', outcome: 'lost' })).toEqual([{ type: 'finish' }]);
    expect(state.lanes.get('epic-1')!.outcome).toBe('landed');
  });

  test('cancelled by a person: what it had not finished does not start again', () => {
    const state = schedulerFor(guide);
    step(state, { type: 'begin' });
    const commands = step(state, { type: 'laneEnded', lane: 'epic-1', outcome: 'cancelled' });
    expect(commands.some((command) => command.type === 'startTask')).toBe(false);
    expect(state.tasks.get(1)).toMatchObject({ state: 'blocked', reason: 'its epic was cancelled' });
    expect(state.tasks.get(7)!.state).toBe('blocked');
    expect(state.tasks.get(6)!.state).toBe('running');
  });
});

describe('what a stack says of what its epics contain', () => {
  /** All epics are done, and land together. */
  const stackOf = (plan: RandomTask[]) => {
    const state = schedulerFor(plan, {}, () => 'finished');
    for (const lane of state.lanes.values()) lane.unlanded = true;
    const [command] = step(state, { type: 'begin' });
    if (command?.type !== 'landStack') throw new Error('nothing lands');
    return { state, stack: command.stack };
  };

  test('whatever the plan, what does not land keeps back as much as if each said all that it contains', () => {
    const reached = (needs: Map<string, string[]>, lane: string): Set<string> =>
      new Set(needs.get(lane)!.flatMap((one) => [one, ...reached(needs, one)]));
    fc.assert(
      fc.property(randomPlan(25, 12), (plan) => {
        const { state, stack } = stackOf(plan);
        const said = new Map(stack.map(({ lane, needs }) => [lane, needs]));
        const all = new Map<string, string[]>();
        for (const { lane } of stack) {
          const contained = neededLanes(state, state.lanes.get(lane)!).map(({ id }) => id);
          const needs = contained.filter((id) => all.has(id));
          all.set(lane, needs);
          expect(needs).toEqual(expect.arrayContaining(said.get(lane)!));
          expect(reached(said, lane)).toEqual(reached(all, lane));
        }
      }),
    );
  });

  test('a thousand epics, each of which follows from the one before, fit a payload', () => {
    const plan = Array.from({ length: 1_000 }, (_, at) => task(at + 1, at + 1, at > 0 ? [at] : []));
    const { stack } = stackOf(plan);
    expect(stack).toHaveLength(1_000);
    expect(JSON.stringify(stack).length).toBeLessThan(100_000);
  });
});

test('an epic that is cancelled does not go on when what its tasks wait for is tried again, until a person retries one', () => {
  const cancelled = { state: 'blocked', reason: 'its epic was cancelled' };
  const state = schedulerFor([task(1, 1), task(2, 2), task(3, 2, [1]), task(4, 2, [3])], {
    maxConcurrency: 2,
  });
  step(state, { type: 'begin' });
  step(state, { type: 'taskSettled', task: 1, outcome: 'failed', reason: 'red' });
  step(state, { type: 'laneEnded', lane: 'epic-1', outcome: 'incomplete' });
  expect(state.tasks.get(3)!.reason).toBe('depends on T1, which failed');
  expect(step(state, { type: 'laneEnded', lane: 'epic-2', outcome: 'cancelled' })).toEqual([
    { type: 'unblockTasks', tasks: [3, 4] },
    { type: 'blockTasks', tasks: [2, 3, 4].map((id) => ({ task: id, reason: cancelled.reason })) },
    { type: 'finish' },
  ]);
  step(state, { type: 'retryTask', task: 1 });
  expect(step(state, { type: 'taskSettled', task: 1, outcome: 'complete' })).toMatchObject([
    { type: 'landStack', stack: [{ lane: 'epic-1' }] },
  ]);
  for (const id of [2, 3, 4]) expect(state.tasks.get(id)).toMatchObject(cancelled);
  expect(step(state, { type: 'retryTask', task: 3 })).toEqual([
    { type: 'unblockTasks', tasks: [3] },
    { type: 'unblockTasks', tasks: [4] },
    { type: 'startTask', task: 3, lane: 'epic-2' },
  ]);
  expect(state.tasks.get(2)).toMatchObject(cancelled);
});

test('an epic that is cancelled while the other half of a red stack is on trial does not land', () => {
  const tasks = [1, 2, 3, 4].map((id) => task(id, id));
  const state = schedulerFor(tasks, { maxConcurrency: 4 });
  step(state, { type: 'begin' });
  // The first one lands alone; the others have come together meanwhile.
  for (const { id } of tasks) step(state, { type: 'taskSettled', task: id, outcome: 'complete' });
  const red = { landed: [], held: [], deferred: [], red: { reason: 'it is red' } };
  step(state, { type: 'stackEnded', ...stackEnd(['epic-1'], () => 'landed') });
  expect(step(state, { type: 'stackEnded', ...red })).toMatchObject([
    { type: 'landStack', stack: [{ lane: 'epic-2' }, { lane: 'epic-3' }] },
  ]);
  step(state, { type: 'laneEnded', lane: 'epic-4', outcome: 'cancelled' });
  const after = step(state, { type: 'stackEnded', ...stackEnd(['epic-2', 'epic-3'], () => 'landed') });
  expect(after.some(({ type }) => type === 'landStack')).toBe(false);
  expect(state.lanes.get('epic-4')).toMatchObject({ landing: 'no', outcome: 'cancelled' });
});

test('more epics than Temporal allows a session at once: those with nothing to do for now are closed, and opened again', () => {
  const anyOrder = fc.record({
    picks: fc.infiniteStream(fc.nat()),
    mostOpen: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(randomPlan(25, 12), anyOrder, (plan, { picks, mostOpen }) => {
      const state = schedulerFor(plan, { scheduling: 'batches', mostOpen, maxConcurrency: 2 });
      let most = 0;
      const trace = play(state, {
        ...steady,
        choose: (count) => (picks.next().value as number) % count,
        sees() {
          const open = [...state.lanes.values()].filter((lane) => lane.open && !lane.closing);
          const idle = open.filter(({ running, landing }) => running === null && landing !== 'granted');
          most = Math.max(most, idle.length);
        },
      });
      expect(trace.broken).toEqual([]);
      expect(most).toBeLessThanOrEqual(mostOpen);
      expect(state.finished).toBe(true);
      for (const lane of state.lanes.values()) expect(lane).toMatchObject({ outcome: 'landed', open: false });
    }),
  );
});

test('an epic that is cancelled while it is on trial is not tried again when that is red', () => {
  const state = schedulerFor([task(1, 1), task(2, 2)], { maxConcurrency: 2, onConflict: 'agent' });
  step(state, { type: 'begin' });
  for (const id of [1, 2]) step(state, { type: 'taskSettled', task: id, outcome: 'complete' });
  step(state, { type: 'laneEnded', lane: 'epic-1', outcome: 'cancelled' });
  const red = { landed: [], held: [], deferred: [], red: { reason: 'it is red' } };
  expect(step(state, { type: 'stackEnded', ...red })).toEqual([
    { type: 'landStack', stack: [{ lane: 'epic-2', needs: [] }] },
  ]);
  expect(state.lanes.get('epic-1')).toMatchObject({ landing: 'no', outcome: 'cancelled', mend: null });
});

test('an epic that is cancelled while it waits for an agent to mend it gets none', () => {
  const state = schedulerFor([task(1, 1), task(2, 2)], { maxConcurrency: 1, onConflict: 'agent' });
  step(state, { type: 'begin' });
  step(state, { type: 'taskSettled', task: 1, outcome: 'complete' });
  step(state, { type: 'stackEnded', ...stackEnd(['epic-1'], () => 'conflict') });
  expect(state.lanes.get('epic-1')!.mend).toMatchObject({ state: 'queued' });
  step(state, { type: 'laneEnded', lane: 'epic-1', outcome: 'cancelled' });
  const after = step(state, { type: 'taskSettled', task: 2, outcome: 'complete' });
  expect(after.map(({ type }) => type)).toEqual(['landStack']);
  expect(state).toMatchObject({ running: 0 });
  expect(state.lanes.get('epic-1')).toMatchObject({ mend: null, outcome: 'conflict' });
});

test('an epic that is cancelled while the session is about to be suspended stays cancelled', () => {
  const state = schedulerFor([task(1, 1)]);
  step(state, { type: 'begin' });
  step(state, { type: 'stop', how: 'suspend' });
  expect(step(state, { type: 'laneEnded', lane: 'epic-1', outcome: 'cancelled' })).toEqual([
    { type: 'blockTasks', tasks: [{ task: 1, reason: 'its epic was cancelled' }] },
    { type: 'finish' },
  ]);
  expect(keptOf(state)).toEqual({ 'epic-1': { cancelled: true } });
});

test.each([
  ['is held', { type: 'taskHeld', task: 1, reason: 'limit: later' }],
  ['is to stop', { type: 'cancelTask', task: 1 }],
] as const)('an epic that is cancelled while its task %s: the next try knows nothing of that', (_, event) => {
  const state = schedulerFor([task(1, 1)]);
  step(state, { type: 'begin' });
  step(state, event);
  step(state, { type: 'laneEnded', lane: 'epic-1', outcome: 'cancelled' });
  step(state, { type: 'resume' });
  const starts = { type: 'startTask', task: 1, lane: 'epic-1' };
  expect(step(state, { type: 'retryTask', task: 1 })).toContainEqual(starts);
  expect(step(state, { type: 'resume' })).toEqual([]);
  expect(step(state, { type: 'laneEnded', lane: 'epic-1', outcome: 'lost' })).toEqual([starts]);
});

describe('waiting for a person', () => {
  test('a landing that is retried while its epic closes, and the session is paused, is not forgotten', () => {
    const state = schedulerFor([task(1, 1)], { onConflict: 'wait' });
    step(state, { type: 'begin' });
    step(state, { type: 'taskSettled', task: 1, outcome: 'complete' });
    step(state, { type: 'stackEnded', ...stackEnd(['epic-1'], () => 'conflict') });
    step(state, { type: 'pause' });
    step(state, { type: 'retryLanding', lane: 'epic-1' });
    step(state, { type: 'laneEnded', lane: 'epic-1', outcome: 'conflict' });
    expect(step(state, { type: 'resume' })).toEqual([
      { type: 'landStack', stack: [{ lane: 'epic-1', needs: [] }] },
    ]);
  });

  test('onConflict wait: the session stays open until the landing is retried', () => {
    const state = schedulerFor([task(1, 1)], { onConflict: 'wait' });
    play(state, { ...steady, landing: () => 'conflict' });
    expect(state.finished).toBe(false);
    expect(play(state, steady, { type: 'retryLanding', lane: 'epic-1' }).landed).toEqual(['epic-1']);
    expect(state.finished).toBe(true);
  });

  test('onConflict fail: the session ends, the lane keeps its outcome', () => {
    const state = schedulerFor([task(1, 1)]);
    play(state, { ...steady, landing: () => 'conflict' });
    expect(state.finished).toBe(true);
    expect(state.lanes.get('epic-1')!.outcome).toBe('conflict');
  });
});

test('an event about a task that does not run changes nothing', () => {
  const state = schedulerFor(guide);
  step(state, { type: 'begin' });
  expect(step(state, { type: 'taskSettled', task: 2, outcome: 'complete' })).toEqual([]);
  expect(state.tasks.get(2)!.state).toBe('waiting');
  expect(() => step(state, { type: 'taskSettled', task: 99, outcome: 'complete' })).toThrow('task 99');
});

test('pull requests: lanes are proposed one by one, and one that is proposed is settled and not cleaned up', () => {
  const plan = [task(1, 1), task(2, 2, [1])];
  const state = schedulerFor(plan, { pullRequests: true });
  step(state, { type: 'begin' });
  const first = step(state, { type: 'taskSettled', task: 1, outcome: 'complete' });
  expect(first).toContainEqual({ type: 'landStack', stack: [{ lane: 'epic-1', needs: [] }] });
  step(state, { type: 'taskSettled', task: 2, outcome: 'complete' });
  const proposed = (lane: string) => ({
    lane,
    outcome: 'proposed' as const,
    reason: `pull request of ${lane}`,
  });
  const end = (lane: string) =>
    step(state, { type: 'stackEnded', landed: [proposed(lane)], held: [], deferred: [], red: null });
  expect(end('epic-1')).toContainEqual({ type: 'landStack', stack: [{ lane: 'epic-2', needs: [] }] });
  step(state, { type: 'laneEnded', lane: 'epic-1', outcome: 'proposed' });
  expect(end('epic-2')).toEqual([{ type: 'closeLane', lane: 'epic-2' }]);
  step(state, { type: 'laneEnded', lane: 'epic-2', outcome: 'proposed' });
  expect(state.finished).toBe(true);
  expect([...state.lanes.values()].map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ['proposed', 'pull request of epic-1'],
    ['proposed', 'pull request of epic-2'],
  ]);
});
