import fc from 'fast-check';
import { step, waitsFor } from '../../../domain/scheduler';
import { randomPlan } from '../../support/random-plan';
import { play, scheduledTasks, schedulerFor, type World } from '../../support/scheduler-run';
import { guide, task } from '../../support/guide-tasks';

const steady: World = { choose: () => 0, outcome: () => 'complete', landing: () => 'landed' };

test.each(['dependencies', 'batches'] as const)(
  '%s: a plan that grows at any moment keeps every rule, and all of it is done and landed',
  (scheduling) => {
    const anyMoment = fc.record({ cut: fc.nat(), at: fc.nat(12), picks: fc.infiniteStream(fc.nat()) });
    fc.assert(
      fc.property(randomPlan(), anyMoment, (plan, { cut, at, picks }) => {
        const state = schedulerFor(plan.slice(0, (cut % plan.length) + 1), { scheduling });
        let grown = false;
        const trace = play(state, {
          ...steady,
          choose: (count) => (picks.next().value as number) % count,
          meanwhile(ends) {
            if (grown || ends < at) return null;
            grown = true;
            return { type: 'planChanged', tasks: scheduledTasks(plan) };
          },
        });
        expect(trace.broken).toEqual([]);
        expect(state.finished).toBe(true);
        const tasks = [...state.tasks.values()];
        expect(tasks.every((entry) => entry.state === 'complete')).toBe(true);
        expect(tasks).toHaveLength(grown ? plan.length : (cut % plan.length) + 1);
        for (const lane of state.lanes.values())
          expect(lane).toMatchObject({ outcome: 'landed', unsettled: 0 });
        expect(state.batchOpen.every((open) => !open)).toBe(true);
      }),
    );
  },
);

test('tasks that change their epics at any moment keep every rule, and all of it is done and landed', () => {
  const anyMoment = fc.record({ at: fc.nat(12), by: fc.nat(3), picks: fc.infiniteStream(fc.nat()) });
  fc.assert(
    fc.property(randomPlan(), anyMoment, (plan, { at, by, picks }) => {
      const state = schedulerFor(plan);
      const moved = plan.map((one, index) => ({ ...one, epic: one.epic + ((index * by) % 3) }));
      let done = false;
      const trace = play(state, {
        ...steady,
        choose: (count) => (picks.next().value as number) % count,
        meanwhile(ends) {
          if (done || ends < at) return null;
          done = true;
          return { type: 'planChanged', tasks: scheduledTasks(moved) };
        },
      });
      expect(trace.broken).toEqual([]);
      expect(state.finished).toBe(true);
      const tasks = [...state.tasks.values()];
      expect(tasks.every((entry) => entry.state === 'complete')).toBe(true);
      for (const lane of state.lanes.values()) {
        const own = tasks.filter((entry) => entry.lane === lane.id).map(({ id }) => id);
        expect([...lane.tasks].sort()).toEqual(own.sort());
        expect(lane).toMatchObject({
          outcome: lane.unlanded || own.length ? 'landed' : 'nothing',
          unsettled: 0,
        });
      }
    }),
  );
});

test('a failed task that was moved to another epic is tried again there', () => {
  const state = schedulerFor([task(1, 1), task(2, 1)], { onFailure: 'wait' });
  play(state, { ...steady, outcome: (id) => (id === 2 ? 'failed' : 'complete') });
  const tasks = scheduledTasks([task(1, 1), task(2, 2)]);
  const trace = play(state, steady, { type: 'planChanged', tasks, again: [2] });
  expect(trace.commands).toContainEqual(
    expect.objectContaining({ type: 'startTask', task: 2, lane: 'epic-2' }),
  );
  expect(trace).toMatchObject({ landed: expect.arrayContaining(['epic-1', 'epic-2']), broken: [] });
  expect(state.finished).toBe(true);
});

test('a new task of an epic that has landed runs, and the epic lands again', () => {
  const state = schedulerFor([task(1, 1), task(2, 2)]);
  const trace = play(state, {
    ...steady,
    meanwhile: (ends) =>
      ends === 3
        ? { type: 'planChanged', tasks: scheduledTasks([task(1, 1), task(2, 2), task(3, 1, [1])]) }
        : null,
  });
  expect(trace).toMatchObject({ started: [1, 2, 3], landed: ['epic-1', 'epic-2', 'epic-1'], broken: [] });
});

test('tasks that have not started take over what changed, or leave; what runs stays', () => {
  const state = schedulerFor([task(1, 1), task(2, 1, [1]), task(3, 2, [1]), task(4, 3, [3])], {
    maxConcurrency: 1,
  });
  step(state, { type: 'begin' });
  const changed = [task(1, 9, [], 99), task(2, 1, []), task(4, 3, [2], 1)];
  step(state, { type: 'planChanged', tasks: scheduledTasks(changed) });
  const entry = (id: number) => state.tasks.get(id)!;
  expect(entry(1)).toMatchObject({ state: 'running', lane: 'epic-1', priority: 10 });
  expect(entry(2)).toMatchObject({ state: 'ready', unmet: 0 });
  expect(entry(3)).toMatchObject({ state: 'skipped', reason: 'the plan has it no longer' });
  expect(entry(4)).toMatchObject({ state: 'waiting', unmet: 1, priority: 1 });
});

test('a new task that needs a failed one is blocked, and says by which', () => {
  const state = schedulerFor(guide, { onFailure: 'wait' });
  play(state, { ...steady, outcome: (id) => (id === 6 ? 'failed' : 'complete') });
  const commands = step(state, {
    type: 'planChanged',
    tasks: scheduledTasks([...guide, task(8, 3, [6]), task(9, 4, [8])]),
  });
  expect(commands[0]).toEqual({
    type: 'blockTasks',
    tasks: [
      { task: 8, reason: 'depends on T6, which failed' },
      { task: 9, reason: 'depends on T8, which is blocked' },
    ],
  });
});

describe('the plan is edited while a session waits for a person', () => {
  const failedAt = (failing: number) => {
    const state = schedulerFor(guide, { onFailure: 'wait' });
    play(state, { ...steady, outcome: (id) => (id === failing ? 'failed' : 'complete') });
    expect(waitsFor(state)).toHaveLength(1);
    return state;
  };
  const others = guide.filter(({ id }) => id !== 6);

  test('a failed task that was mended is tried again, and with it what it blocked', () => {
    const state = failedAt(3);
    const stopped = guide.filter(({ id }) => state.tasks.get(id)!.state === 'blocked').map(({ id }) => id);
    expect(stopped.length).toBeGreaterThan(0);
    const trace = play(state, steady, { type: 'planChanged', tasks: scheduledTasks(guide), again: [3] });
    expect(trace.commands[0]).toEqual({ type: 'unblockTasks', tasks: expect.arrayContaining(stopped) });
    expect(trace).toMatchObject({ started: expect.arrayContaining([3, ...stopped]), broken: [] });
    expect(state.finished).toBe(true);
  });

  test('a blocked task that was mended stays blocked, and is on record as that again', () => {
    const state = failedAt(3);
    const blocked = [...state.tasks.values()].find((entry) => entry.state === 'blocked')!;
    const commands = step(state, {
      type: 'planChanged',
      tasks: scheduledTasks(guide),
      again: [blocked.id],
    });
    expect(commands).toEqual([
      {
        type: 'blockTasks',
        tasks: expect.arrayContaining([{ task: blocked.id, reason: expect.any(String) }]),
      },
    ]);
    expect(waitsFor(state)).toHaveLength(1);
  });

  test('a failed task that the plan has no longer is waited for no longer', () => {
    const state = failedAt(6);
    const trace = play(state, steady, { type: 'planChanged', tasks: scheduledTasks(others) });
    expect(state.tasks.get(6)).toMatchObject({ state: 'skipped' });
    expect(trace.landed).toHaveLength(1);
    expect(state.finished).toBe(true);
  });

  test('a failed task takes over a new dependency before it is retried', () => {
    const state = failedAt(6);
    const added = task(9, 9, []);
    const changed = [...others, { ...guide.find(({ id }) => id === 6)!, dependsOn: [9] }, added];
    step(state, { type: 'planChanged', tasks: scheduledTasks(changed) });
    expect(step(state, { type: 'retryTask', task: 6 })).not.toContainEqual(
      expect.objectContaining({ type: 'startTask', task: 6 }),
    );
    const start = expect.objectContaining({ type: 'startTask', task: 6 });
    expect(step(state, { type: 'taskSettled', task: 9, outcome: 'complete' })).toContainEqual(start);
  });
});
