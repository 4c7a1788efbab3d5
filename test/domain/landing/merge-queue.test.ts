import fc from 'fast-check';
import {
  createMergeQueue,
  endTrial,
  isIdle,
  nextTrial,
  withdraw,
  type MergeQueue,
} from '../../../domain/landing/merge-queue';

const named = (count: number) => Array.from({ length: count }, (_, index) => `e${index + 1}`);
const free = () => [];

interface Outcome {
  landed: string[];
  culprits: string[];
  trials: string[][];
}

/** Plays a queue to its end: `isRed` judges what would be on the base branch. */
function play(
  queue: MergeQueue,
  isRed: (content: string[], trial: number) => boolean,
  between: (trial: number) => void = () => undefined,
): Outcome {
  const outcome: Outcome = { landed: [], culprits: [], trials: [] };
  for (let trial = nextTrial(queue, free); trial; trial = nextTrial(queue, free)) {
    outcome.trials.push(trial.stack);
    if (outcome.trials.length > 1000) throw new Error('it never ends');
    const red = isRed([...outcome.landed, ...trial.stack], outcome.trials.length);
    const culprit = endTrial(queue, { landed: red ? [] : trial.stack, held: [], deferred: [], red });
    if (!red) outcome.landed.push(...trial.stack);
    if (culprit !== null) outcome.culprits.push(culprit);
    between(outcome.trials.length);
  }
  return outcome;
}

const waiting = (count: number): MergeQueue => ({ ...createMergeQueue(), waiting: named(count) });

test('ten green epics: one verification', () => {
  expect(play(waiting(10), () => false)).toEqual({ landed: named(10), culprits: [], trials: [named(10)] });
});

test('one that is red: it alone is held, found with log2(n) verifications, one retry, and one for the rest', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 64 }), fc.nat(), (count, pick) => {
      const bad = named(count)[pick % count]!;
      const { landed, culprits, trials } = play(waiting(count), (content) => content.includes(bad));
      expect(culprits).toEqual([bad]);
      expect(landed).toEqual(named(count).filter((epic) => epic !== bad));
      // The first one, the halves, the retry, and what a half left behind.
      expect(trials.length).toBeLessThanOrEqual(1 + Math.ceil(Math.log2(count)) + 1 + 1);
    }),
  );
});

test('a single red verification is a flake: everything lands', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 4 }), (count, flake) => {
      const { landed, culprits } = play(waiting(count), (_content, trial) => trial === flake);
      expect(culprits).toEqual([]);
      expect(landed).toEqual(named(count));
    }),
  );
});

test('any epics that are red alone or together, arriving at any time: what lands is green, the rest is to blame', () => {
  const some = fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 2 }), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(some, fc.integer({ min: 1, max: 12 }), (picks, first) => {
      const bad = picks.map((pick) => pick.map((n) => `e${n}`));
      const isRed = (content: string[]) => bad.some((set) => set.every((epic) => content.includes(epic)));
      const queue = waiting(first);
      const late = named(12).slice(first);
      const { landed, culprits } = play(queue, isRed, () => void queue.waiting.push(...late.splice(0, 2)));
      expect([...landed, ...culprits].sort()).toEqual(named(12 - late.length).sort());
      expect(isRed(landed)).toBe(false);
      for (const culprit of culprits) expect(isRed([...landed, culprit])).toBe(true);
      expect(isIdle(queue)).toBe(true);
    }),
  );
});

test('what an epic contains comes before it; where they contain each other, the one that waited longer', () => {
  const needs: Record<string, string[]> = { e1: ['e3'], e3: ['e2'], e4: ['e5'], e5: ['e4'] };
  expect(nextTrial(waiting(5), (epic) => needs[epic] ?? [])!.stack).toEqual(['e2', 'e3', 'e1', 'e4', 'e5']);
});

test('one that does not merge on top of the others is tried next; one that cannot land is out', () => {
  const queue = waiting(4);
  nextTrial(queue, free);
  expect(endTrial(queue, { landed: ['e1', 'e3'], held: ['e2'], deferred: ['e4'], red: false })).toBeNull();
  expect(nextTrial(queue, free)!.stack).toEqual(['e4']);
});

test('what was left out of a red stack is not suspected', () => {
  const queue = waiting(3);
  nextTrial(queue, free);
  endTrial(queue, { landed: [], held: [], deferred: ['e2'], red: true });
  expect(queue).toMatchObject({ waiting: ['e2'], suspect: { stack: ['e1', 'e3'] } });
});

test('without one of its epics, a red stack may be green: it is tried anew', () => {
  const queue = waiting(3);
  nextTrial(queue, free);
  endTrial(queue, { landed: [], held: [], deferred: [], red: true });
  withdraw(queue, 'e2');
  expect(queue).toEqual({ waiting: ['e1', 'e3'], suspect: null, trial: null });
});

test('alone: one epic at a time, what it contains before it', () => {
  const queue = { ...createMergeQueue(), waiting: ['b', 'c', 'a'] };
  const needs = (epic: string) => (epic === 'b' ? ['a'] : []);
  const tried: string[][] = [];
  for (let trial = nextTrial(queue, needs, { alone: true }); trial;) {
    tried.push(trial.stack);
    endTrial(queue, { landed: trial.stack, held: [], deferred: [], red: false });
    trial = nextTrial(queue, needs, { alone: true });
  }
  expect(tried).toEqual([['c'], ['a'], ['b']]);
  expect(isIdle(queue)).toBe(true);
});
