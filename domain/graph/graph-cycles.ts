import { stronglyConnected } from './graph-components';
import type { GraphIndex } from './graph-index';

/**
 * One cycle for each group of tasks that need each other, as a closed list of task ids: `[1, 2, 3, 1]`
 * says that 1 depends on 2, 2 on 3 and 3 on 1. Starts at the group's smallest id and is a shortest
 * cycle through it. `stuck` is not 0 for the nodes that Kahn's algorithm could not order. O(V+E).
 */
export function findCycles(graph: GraphIndex, stuck: Int32Array): number[][] {
  const { ids, start } = graph;
  const groups = stronglyConnected(graph, stuck);
  const groupOf = new Int32Array(ids.length).fill(-1);
  groups.forEach((nodes, group) => nodes.forEach((node) => (groupOf[node] = group)));
  const reachedFrom = new Int32Array(ids.length).fill(-1);

  const cycleThrough = (first: number): number[] | null => {
    const queue = [first];
    for (const node of queue) {
      for (let edge = start[node]!; edge < start[node + 1]!; edge++) {
        const next = graph.dependents[edge]!;
        if (next === first) return closedPath(first, node, reachedFrom);
        if (groupOf[next] !== groupOf[first] || reachedFrom[next] !== -1) continue;
        reachedFrom[next] = node;
        queue.push(next);
      }
    }
    return null;
  };

  return groups
    .map((nodes) => nodes.reduce((least, node) => (ids[node]! < ids[least]! ? node : least)))
    .map(cycleThrough)
    .filter((path) => path !== null)
    .map((path) => path.map((node) => ids[node]!))
    .sort((a, b) => a[0]! - b[0]!);
}

/** From `first` back along the dependencies that led from it to `last`, and to `first` again. */
function closedPath(first: number, last: number, reachedFrom: Int32Array): number[] {
  const path = [first];
  for (let node = last; node !== first; node = reachedFrom[node]!) path.push(node);
  path.push(first);
  return path;
}

/** `Circular dependencies detected: [(1, 2, 3, 1)]`, each task depending on the one after it. */
export function describeCycles(cycles: readonly (readonly (number | string)[])[]): string {
  return `Circular dependencies detected: [${cycles.map((cycle) => `(${cycle.join(', ')})`).join(', ')}]`;
}
