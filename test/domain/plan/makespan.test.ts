import fc from 'fast-check';
import { makespan, type PlacedTask } from '../../../domain/plan/makespan';
import { resolve } from '../../../domain/graph/graph';
import { randomPlan, type RandomTask } from '../../support/random-plan';

const placed = ({ id, epic, priority, dependsOn }: RandomTask): PlacedTask => ({
  ...{ id, epic, priority, description: `Task ${id}`, action: 'do it' },
  dependsOn: dependsOn.map((task) => ({ task, type: 'hard' })),
});

const minutesOf = ({ id }: PlacedTask) => (id % 5) + 1;

/** The same, told in the plainest way: each time, all that waits is looked through. */
function plainly(tasks: readonly PlacedTask[], agents: number): number {
  const { remaining } = resolve(tasks);
  const left = (task: PlacedTask) => remaining.get(task.id)!;
  const waiting = [...tasks].sort((a, b) => a.priority - b.priority || left(b) - left(a) || a.id - b.id);
  const done = new Set<number>();
  const running: { task: PlacedTask; until: number }[] = [];
  let now = 0;
  while (waiting.length + running.length > 0) {
    const next = waiting.findIndex(
      ({ epic, dependsOn }) =>
        !running.some(({ task }) => task.epic === epic) && dependsOn.every(({ task }) => done.has(task)),
    );
    if (next >= 0 && running.length < agents) {
      const [task] = waiting.splice(next, 1);
      running.push({ task: task!, until: now + minutesOf(task!) });
      continue;
    }
    running.sort((a, b) => a.until - b.until);
    const ended = running.shift()!;
    now = ended.until;
    done.add(ended.task.id);
  }
  return now;
}

test('whatever the plan, the best task that may start goes first', () => {
  fc.assert(
    fc.property(randomPlan(30, 8), fc.integer({ min: 1, max: 6 }), (plan, agents) => {
      const tasks = plan.map(placed);
      expect(makespan(tasks, agents, minutesOf)).toBe(plainly(tasks, agents));
    }),
  );
});

test('an epic of ten thousand tasks takes no minute to forecast', () => {
  const plan = Array.from({ length: 10_000 }, (_, at) => ({
    id: at + 1,
    epic: 1,
    priority: 0,
    dependsOn: [],
  }));
  const tasks = plan.map(placed);
  expect(makespan(tasks, 3, () => 1)).toBe(10_000);
}, 60_000);

test('what depends on a task that is not there never ends', () => {
  expect(makespan([placed({ id: 1, epic: 1, priority: 0, dependsOn: [2] })], 1, minutesOf)).toBe(Infinity);
});
