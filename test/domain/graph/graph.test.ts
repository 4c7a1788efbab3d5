import fc from 'fast-check';
import { resolve, type GraphTask, type Resolution } from '../../../domain/graph/graph';

const task = (id: number, hard: number[] = [], rest: Partial<GraphTask> = {}): GraphTask => ({
  id,
  priority: 100,
  dependsOn: hard.map((needed) => ({ task: needed, type: 'hard' })),
  ...rest,
});

/** Acyclic by construction: a task depends only on tasks before it; ids and file order are shuffled. */
const dag = fc
  .array(
    fc.record({
      priority: fc.integer({ min: 0, max: 3 }),
      weight: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
      needs: fc.array(fc.record({ pick: fc.nat(), soft: fc.boolean() }), { maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .chain((rows) =>
    fc
      .uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: rows.length, maxLength: rows.length })
      .chain((ids) => {
        const tasks = rows.map(({ priority, weight, needs }, at): GraphTask => {
          const dependsOn = needs.map(({ pick, soft }) => {
            const any = soft ? rows.length : at; // a soft dependency may point anywhere, even in a circle
            return {
              task: ids[pick % Math.max(any, 1)]!,
              type: soft ? ('soft' as const) : ('hard' as const),
            };
          });
          return { id: ids[at]!, priority, weight, dependsOn: at === 0 ? [] : dependsOn };
        });
        return fc.shuffledSubarray(tasks, { minLength: tasks.length });
      }),
  );

const hardOf = (one: GraphTask) => one.dependsOn.filter(({ type }) => type === 'hard').map((d) => d.task);

/** The level of each task, and the weight behind it, by memoised recursion: another way to the same. */
function byRecursion(tasks: GraphTask[]) {
  const byId = new Map(tasks.map((one) => [one.id, one]));
  const levels = new Map<number, number>();
  const remaining = new Map<number, number>();
  const levelOf = (id: number): number => {
    if (!levels.has(id)) levels.set(id, 1 + Math.max(-1, ...hardOf(byId.get(id)!).map(levelOf)));
    return levels.get(id)!;
  };
  const remainingOf = (id: number): number => {
    if (!remaining.has(id)) {
      const behind = tasks.filter((one) => hardOf(one).includes(id)).map((one) => remainingOf(one.id));
      remaining.set(id, (byId.get(id)!.weight ?? 1) + Math.max(0, ...behind));
    }
    return remaining.get(id)!;
  };
  return { levelOf, remainingOf };
}

describe('resolve', () => {
  it('puts the plan of the guide into its four batches', () => {
    const tasks = [task(1), task(2, [1]), task(3, [2]), task(4, [2]), task(5, [3, 4]), task(6), task(7, [3])];
    const { batches, order, criticalPath } = resolve(tasks);
    expect(batches).toEqual([[1, 6], [2], [3, 4], [5, 7]]);
    expect(order).toEqual([1, 6, 2, 3, 4, 5, 7]);
    expect(criticalPath).toEqual([1, 2, 3, 5]);
  });

  it('orders a batch by priority, then by what waits behind a task, then by id', () => {
    const tasks = [
      task(4),
      task(3),
      task(2),
      task(1, [], { priority: 200 }),
      task(9, [3]),
      task(8, [], { priority: 1 }),
    ];
    expect(resolve(tasks).batches[0]).toEqual([8, 3, 2, 4, 1]);
  });

  it('has nothing to say about no tasks', () => {
    expect(resolve([])).toEqual({
      batches: [],
      order: [],
      cycles: [],
      missing: [],
      duplicates: [],
      criticalPath: [],
      remaining: { get: expect.any(Function) },
    });
  });

  it('takes the heavier path as the critical one', () => {
    const { criticalPath, order, remaining } = resolve([
      task(1),
      task(2, [1]),
      task(3, [2]),
      task(4, [], { weight: 5 }),
    ]);
    expect(criticalPath).toEqual([4]);
    const weights = Object.fromEntries(order.map((id) => [id, remaining.get(id)]));
    expect(weights).toEqual({ 1: 3, 2: 2, 3: 1, 4: 5 });
    expect(remaining.get(5)).toBeUndefined();
  });

  it('names dependencies on tasks that do not exist, hard and soft, and orders the rest', () => {
    const soft = { dependsOn: [{ task: 98, type: 'soft' as const }] };
    const { missing, batches } = resolve([task(1, [99]), task(2, [1]), task(3, [], soft)]);
    expect(missing).toEqual([
      { task: 1, dependency: 99 },
      { task: 3, dependency: 98 },
    ]);
    expect(batches).toEqual([[1, 3], [2]]);
  });

  it('names each id that several tasks have, once, and goes by the first', () => {
    const { duplicates, batches } = resolve([task(7), task(7, [8]), task(7), task(8)]);
    expect(duplicates).toEqual([7]);
    expect(batches).toEqual([[7, 8]]);
  });

  it.each([0, -5, 2 ** 31 - 1, 2 ** 40])('accepts %d as an id', (id) => {
    expect(resolve([task(1, [id]), task(id)]).batches).toEqual([[id], [1]]);
  });

  it('agrees with levels and remaining paths found by recursion', () => {
    fc.assert(
      fc.property(dag, (tasks) => {
        const { batches, remaining, cycles } = resolve(tasks);
        const { levelOf, remainingOf } = byRecursion(tasks);
        const expected: number[][] = [];
        const inOrder = [...tasks].sort(
          (a, b) => a.priority - b.priority || remainingOf(b.id) - remainingOf(a.id) || a.id - b.id,
        );
        for (const { id } of inOrder) (expected[levelOf(id)] ??= []).push(id);
        expect(batches).toEqual(expected);
        expect(cycles).toEqual([]);
        for (const { id } of tasks) expect(remaining.get(id)).toBe(remainingOf(id));
      }),
    );
  });

  it('starts no task before its hard dependencies, and leaves none out', () => {
    fc.assert(
      fc.property(dag, (tasks) => {
        const { order } = resolve(tasks);
        const position = new Map(order.map((id, at) => [id, at]));
        expect([...order].sort()).toEqual(tasks.map(({ id }) => id).sort());
        for (const one of tasks) {
          for (const needed of hardOf(one)) expect(position.get(needed)).toBeLessThan(position.get(one.id)!);
        }
      }),
    );
  });

  /** With values in place of the look-up. */
  const flat = ({ remaining, ...rest }: Resolution) => ({
    ...rest,
    remaining: rest.order.map((id) => remaining.get(id)),
  });

  it('does not let a soft dependency change anything', () => {
    fc.assert(
      fc.property(dag, (tasks) => {
        const hardOnly = tasks.map((one) => ({
          ...one,
          dependsOn: one.dependsOn.filter(({ type }) => type === 'hard'),
        }));
        expect(flat(resolve(tasks))).toEqual(flat(resolve(hardOnly)));
      }),
    );
  });

  it('finds a critical path that is a chain of dependencies as heavy as any', () => {
    fc.assert(
      fc.property(dag, (tasks) => {
        const { criticalPath, order, remaining } = resolve(tasks);
        const byId = new Map(tasks.map((one) => [one.id, one]));
        for (let at = 1; at < criticalPath.length; at++) {
          expect(hardOf(byId.get(criticalPath[at]!)!)).toContain(criticalPath[at - 1]);
        }
        const weight = criticalPath.reduce((sum, id) => sum + (byId.get(id)!.weight ?? 1), 0);
        expect(weight).toBe(Math.max(...order.map((id) => remaining.get(id)!)));
      }),
    );
  });

  it('resolves a chain of 100,000 tasks', () => {
    const size = 100_000;
    const chain = Array.from({ length: size }, (_, at) =>
      task(size - at, at + 1 < size ? [size - at - 1] : []),
    );
    const { batches, criticalPath, remaining } = resolve(chain);
    expect(batches).toHaveLength(size);
    expect(batches.at(-1)).toEqual([size]);
    expect(criticalPath).toHaveLength(size);
    expect(remaining.get(1)).toBe(size);
  });
});
