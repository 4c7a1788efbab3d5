import { findCycles } from './graph-cycles';
import { indexGraph, type GraphIndex, type GraphTask } from './graph-index';

export type { Dependency, GraphTask } from './graph-index';
export { describeCycles } from './graph-cycles';

export interface Resolution {
  /** Task ids by level, each level in the order in which its tasks should start. */
  batches: number[][];
  /** All batches one after the other. */
  order: number[];
  /** Closed paths of task ids, see `findCycles`. Tasks in a cycle, or behind one, are in no batch. */
  cycles: number[][];
  /** Dependencies, hard and soft, on tasks that do not exist. */
  missing: { task: number; dependency: number }[];
  /** Ids that several tasks have. */
  duplicates: number[];
  /** The longest chain of hard dependencies, first task first. */
  criticalPath: number[];
  /** By id, of a task in a batch: the weight of the longest chain that starts with it, itself included. */
  remaining: { get(id: number): number | undefined };
}

/**
 * Kahn's algorithm by levels (Comm. ACM 5, 1962) over the hard dependencies. Within a batch: lower
 * priority number first, then the longest remaining path, then the lower id. Never throws: what is
 * wrong with the tasks is in `cycles`, `missing` and `duplicates`. O(V+E), but for the sorting.
 */
export function resolve(tasks: readonly GraphTask[]): Resolution {
  const graph = indexGraph(tasks);
  const { ids, nodeOf } = graph;
  const { order, ends, waiting } = levels(graph);
  const weights = longestRemaining(graph, order);
  sortLevels(graph, order, ends, weights);

  const flat = Array.from(order, (node) => ids[node]!);
  return {
    batches: ends.map((end, level) => flat.slice(ends[level - 1] ?? 0, end)),
    order: flat,
    cycles: flat.length < ids.length ? findCycles(graph, waiting) : [],
    missing: graph.missing,
    duplicates: graph.duplicates,
    criticalPath: heaviestPath(graph, order.subarray(0, ends[0]), weights).map((node) => ids[node]!),
    remaining: { get: (id) => weights[nodeOf(id) ?? -1] || undefined },
  };
}

/** Nodes by level; `ends[i]` is where level i ends in `order`; `waiting` is not 0 for nodes never reached. */
function levels({ ids, start, dependents, needs }: GraphIndex) {
  const waiting = needs.slice();
  const queue = new Int32Array(ids.length);
  const ends: number[] = [];
  let size = 0;
  for (let node = 0; node < ids.length; node++) if (waiting[node] === 0) queue[size++] = node;
  for (let head = 0; head < size;) {
    const end = size;
    ends.push(end);
    for (; head < end; head++) {
      const node = queue[head]!;
      for (let edge = start[node]!; edge < start[node + 1]!; edge++) {
        const next = dependents[edge]!;
        if (--waiting[next]! === 0) queue[size++] = next;
      }
    }
  }
  return { order: queue.subarray(0, size), ends, waiting };
}

/** 0 for a node that is not in `order`. */
function longestRemaining({ ids, lengths, start, dependents }: GraphIndex, order: Int32Array): Float64Array {
  const remaining = new Float64Array(ids.length);
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at]!;
    let longest = 0;
    for (let edge = start[node]!; edge < start[node + 1]!; edge++) {
      const behind = remaining[dependents[edge]!]!;
      if (behind > longest) longest = behind;
    }
    remaining[node] = longest + lengths[node]!;
  }
  return remaining;
}

function sortLevels(graph: GraphIndex, order: Int32Array, ends: number[], remaining: Float64Array): void {
  const { ids, priorities } = graph;
  const precedence = (a: number, b: number): number =>
    priorities[a]! - priorities[b]! || remaining[b]! - remaining[a]! || ids[a]! - ids[b]!;
  let from = 0;
  for (const end of ends) {
    if (end - from > 1) order.subarray(from, end).sort(precedence);
    from = end;
  }
}

function heaviestPath(graph: GraphIndex, roots: Int32Array, remaining: Float64Array): number[] {
  const { start, dependents } = graph;
  const path: number[] = [];
  let candidates = roots;
  let [from, end] = [0, roots.length];
  for (;;) {
    let best = -1;
    for (let at = from; at < end; at++) {
      const node = candidates[at]!;
      if (remaining[node]! > (best === -1 ? 0 : remaining[best]!)) best = node;
    }
    if (best === -1) return path;
    path.push(best);
    candidates = dependents;
    [from, end] = [start[best]!, start[best + 1]!];
  }
}
