import fc from 'fast-check';
import { describeCycles, resolve } from '../../../domain/graph/graph';
import type { GraphTask } from '../../../domain/graph/graph';

const graph = (edges: Record<number, number[]>): GraphTask[] =>
  Object.entries(edges).map(([id, needed]) => ({
    id: Number(id),
    priority: 100,
    dependsOn: needed.map((task) => ({ task, type: 'hard' })),
  }));

const edges = fc
  .integer({ min: 1, max: 12 })
  .chain((size) =>
    fc.array(fc.array(fc.integer({ min: 1, max: size }), { maxLength: 3 }), {
      minLength: size,
      maxLength: size,
    }),
  )
  .map((rows) => Object.fromEntries(rows.map((needed, at) => [at + 1, needed])) as Record<number, number[]>);

/** For each task the tasks that it depends on, directly or not. */
function reachable(needs: Record<number, number[]>): Map<number, Set<number>> {
  const reach = (from: number) => {
    const found = new Set<number>();
    const visit = (id: number): void => {
      for (const next of needs[id]!) {
        if (found.has(next)) continue;
        found.add(next);
        visit(next);
      }
    };
    visit(from);
    return found;
  };
  return new Map(Object.keys(needs).map((id) => [Number(id), reach(Number(id))]));
}

describe('cycles', () => {
  it('are named from the smallest id along the dependencies and back', () => {
    const { cycles, batches } = resolve(graph({ 3: [1], 1: [2], 2: [3] }));
    expect(cycles).toEqual([[1, 2, 3, 1]]);
    expect(batches).toEqual([]);
  });

  it('are described as the contract says', () => {
    expect(describeCycles([['A', 'B', 'C', 'A']])).toBe('Circular dependencies detected: [(A, B, C, A)]');
    expect(
      describeCycles([
        [1, 2, 1],
        [4, 4],
      ]),
    ).toBe('Circular dependencies detected: [(1, 2, 1), (4, 4)]');
  });

  it('leave alone what is before them and keep what is behind them out of the batches', () => {
    const { cycles, batches, order } = resolve(graph({ 1: [], 2: [1, 4], 3: [2], 4: [3], 5: [4], 6: [1] }));
    expect(cycles).toEqual([[2, 4, 3, 2]]);
    expect(batches).toEqual([[1], [6]]);
    expect(order).toEqual([1, 6]);
  });

  it('include a task that depends on itself', () => {
    expect(resolve(graph({ 1: [], 2: [2] })).cycles).toEqual([[2, 2]]);
  });

  it('are not made by soft dependencies', () => {
    const tasks: GraphTask[] = [
      { id: 1, priority: 1, dependsOn: [{ task: 2, type: 'hard' }] },
      {
        id: 2,
        priority: 1,
        dependsOn: [
          { task: 1, type: 'soft' },
          { task: 2, type: 'soft' },
        ],
      },
    ];
    expect(resolve(tasks).cycles).toEqual([]);
  });

  it('are one for each group of tasks that need each other, and real', () => {
    fc.assert(
      fc.property(edges, (needs) => {
        const { cycles, order } = resolve(graph(needs));
        const reach = reachable(needs);
        const ids = [...reach.keys()];
        const inCycle = ids.filter((id) => reach.get(id)!.has(id));
        const groups = new Set(
          inCycle.map((id) =>
            inCycle.find((other) => reach.get(id)!.has(other) && reach.get(other)!.has(id)),
          ),
        );
        expect(cycles.map(([first]) => first)).toEqual([...groups].sort((a, b) => a! - b!));
        for (const cycle of cycles) {
          expect(cycle.at(-1)).toBe(cycle[0]);
          expect(new Set(cycle).size).toBe(cycle.length - 1);
          for (let at = 1; at < cycle.length; at++) expect(needs[cycle[at - 1]!]).toContain(cycle[at]);
        }
        const free = ids.filter((id) => !inCycle.some((bad) => bad === id || reach.get(id)!.has(bad)));
        expect([...order].sort((a, b) => a - b)).toEqual(free);
      }),
    );
  });

  it.each([2_000, 100_000])('may have %d tasks', (size) => {
    const ring = graph(
      Object.fromEntries(Array.from({ length: size }, (_, at) => [at + 1, [((at + 1) % size) + 1]])),
    );
    const { cycles } = resolve(ring);
    expect(cycles).toEqual([[...Array.from({ length: size }, (_, at) => at + 1), 1]]);
  });

  it('may be many', () => {
    const pairs = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [at + 1, [(at ^ 1) + 1]]));
    const { cycles } = resolve(graph(pairs));
    expect(cycles).toHaveLength(10_000);
    expect(cycles[9_999]).toEqual([19_999, 20_000, 19_999]);
  });
});
