import fc from 'fast-check';
import { parseRunInput } from '../../../domain/session/run-input';
import { waitsFor, type LaneEntry, type LaneOutcome } from '../../../domain/scheduler';
import { dependantLanes } from '../../../domain/scheduler/lane-graph';
import { randomPlan, type RandomTask } from '../../support/random-plan';
import { natureOf, runInParts, type PartedRun, type Script } from '../../support/run-in-parts';

const statuses = (plan: RandomTask[], { record }: PartedRun) =>
  plan.map(({ id }) => `T${id} ${record.status(id)}`);

const waiting = ({ state }: PartedRun) =>
  waitsFor(state).flatMap(({ task }) => (task === undefined ? [] : [task]));

/**
 * `nothing`: a part before has landed it, or another lane that contains all of it. The sequential lane lands what is
 * complete; a part in which only its failed tasks are left calls it incomplete.
 */
function endOf({ record }: PartedRun, { id, outcome, landsPartly }: LaneEntry): LaneOutcome | null {
  const left = outcome === 'incomplete' && !(landsPartly && !record.unlanded(id));
  return outcome === 'nothing' || (outcome === 'incomplete' && !left) ? 'landed' : outcome;
}

const lanesOf = (one: PartedRun, except: Set<string>) =>
  [...one.state.lanes.values()]
    .filter(({ id }) => !except.has(id))
    .map((lane) => `${lane.id} ${endOf(one, lane)}`)
    .sort();

/**
 * Lanes that contain commits of one that cannot land, or of another that waits for it. Such a lane lands if it is whole
 * before the other one has been tried, and waits for it otherwise: which, depends on the order in which things end. Where
 * lanes contain each other, that goes for the one that cannot land, too: it may have landed with what contains it.
 */
function orderDecides({ state }: PartedRun, { options, nature }: Script): Set<string> {
  const found = new Set<LaneEntry>();
  const open = [...state.lanes.values()].filter(({ id }) => {
    const { outcome, mendable } = natureOf(nature, id);
    const mends = options.onConflict === 'agent' && mendable && id !== 'sequential' && outcome !== 'blocked';
    return outcome !== 'landed' && !mends;
  });
  for (let lane = open.pop(); lane; lane = open.pop()) {
    for (const other of dependantLanes(state, lane)) {
      if (found.has(other)) continue;
      found.add(other);
      open.push(other);
    }
  }
  return new Set([...found].map(({ id }) => id));
}

/** What must hold however a session ended. */
function expectSound(plan: RandomTask[], one: PartedRun): void {
  const { record, state, broken } = one;
  expect(broken).toEqual([]);
  expect(state.paused).toBe(false);
  expect(state.finished).toBe(waitsFor(state).length === 0);
  for (const { id, dependsOn } of plan) {
    const entry = state.tasks.get(id)!;
    const status = record.status(id);
    // What an earlier part skipped counts as complete in a later one.
    const known = entry.state === 'excluded' ? 'pending' : entry.state;
    expect([`T${id}`, status === 'skipped' ? 'complete' : status]).toEqual([
      `T${id}`,
      known === 'skipped' ? 'complete' : known,
    ]);
    if (entry.state === 'excluded') continue;
    const stoppers = dependsOn.filter((other) =>
      ['failed', 'blocked', 'excluded'].includes(state.tasks.get(other)!.state),
    );
    if (entry.state === 'blocked') {
      expect(record.reason(id)).toBe(entry.reason);
      // A reason of its own stays.
      if (entry.reason === 'its epic was cancelled') continue;
      expect(stoppers.map((other) => `T${other}`)).toContain(/^depends on (T\d+), /.exec(entry.reason!)?.[1]);
    }
    // A person may have cancelled or skipped what is blocked.
    expect(stoppers.length ? ['blocked', 'failed', 'skipped'] : ['complete', 'failed', 'skipped']).toContain(
      status,
    );
  }
  for (const lane of state.lanes.values()) {
    const partly = lane.tasks.some((id) => !['complete', 'skipped'].includes(state.tasks.get(id)!.state));
    const ends = ['landed', 'nothing', 'conflict', 'blocked', 'rejected'];
    const partial = ['incomplete', 'cancelled'];
    expect(partly && !lane.landsPartly ? partial : [...ends, ...partial]).toContain(lane.outcome);
    if (endOf(one, lane) === 'landed' && !partly) expect(record.unlanded(lane.id)).toBe(false);
  }
  expect(state.running).toBe(0);
}

const anyOptions = fc
  .record({
    parallel: fc.boolean(),
    scheduling: fc.constantFrom('dependencies' as const, 'batches' as const),
    maxConcurrency: fc.integer({ min: 1, max: 6 }),
    onFailure: fc.constantFrom('continue' as const, 'wait' as const),
    onConflict: fc.constantFrom('agent' as const, 'wait' as const, 'fail' as const),
    without: fc.option(fc.integer({ min: 1, max: 6 }), { freq: 4 }),
  })
  .map(({ without, ...given }) => {
    const epics = without === null ? {} : { epics: [1, 2, 3, 4, 5, 6].filter((epic) => epic !== without) };
    const parsed = parseRunInput({ project: 'demo', ...given, ...epics });
    if (!parsed.ok) throw new Error(parsed.message);
    return parsed.options;
  });

const anyScript = fc.record({
  options: anyOptions,
  nature: fc.record({
    failing: fc.array(fc.integer({ min: 1, max: 25 }), { maxLength: 4 }),
    landings: fc.array(
      fc.record({
        outcome: fc.constantFrom(
          ...(['landed', 'landed', 'landed', 'conflict', 'blocked', 'rejected'] as const),
        ),
        mendable: fc.boolean(),
      }),
      { minLength: 6, maxLength: 6 },
    ),
  }),
  seed: fc.nat(),
  parts: fc.array(fc.nat(12), { minLength: 1, maxLength: 4 }),
});

const anyWishes = fc.array(
  fc.record({
    at: fc.nat(30),
    kind: fc.constantFrom(
      ...([
        'skipTask',
        'cancelTask',
        'cancelEpic',
        'retryTask',
        'retryLanding',
        'pause',
        'resume',
        'setMaxConcurrency',
      ] as const),
    ),
    pick: fc.nat(),
  }),
  { minLength: 1, maxLength: 8 },
);

test('a session that goes on with a fresh history ends as one that was not interrupted', async () => {
  await fc.assert(
    fc.asyncProperty(randomPlan(), anyScript, async (plan, script) => {
      const whole = await runInParts(plan, { ...script, parts: [] });
      const [first, ...others] = script.parts;
      const parted = await runInParts(plan, {
        ...script,
        parts: [first! % Math.max(whole.ends, 1), ...others],
      });
      for (const one of [whole, parted]) {
        expectSound(plan, one);
        expect(one.started).toHaveLength(new Set(one.started).size);
      }
      expect(parted.suspended > 0).toBe(whole.ends > 0);
      expect(statuses(plan, parted)).toEqual(statuses(plan, whole));
      expect([...parted.started].sort()).toEqual([...whole.started].sort());
      expect(waiting(parted)).toEqual(waiting(whole));
      const except = orderDecides(whole, script);
      expect(lanesOf(parted, except)).toEqual(lanesOf(whole, except));
    }),
    { numRuns: 150 },
  );
});

test('whatever people ask for meanwhile, a session that goes on keeps every rule', async () => {
  await fc.assert(
    fc.asyncProperty(randomPlan(), anyScript, anyWishes, async (plan, script, wishes) => {
      expectSound(plan, await runInParts(plan, { ...script, wishes }));
    }),
    { numRuns: 150 },
  );
});
