import type { GraphIndex } from './graph-index';

/**
 * Tarjan's strongly connected components (SIAM J. Comput. 1, 1972) of the nodes for which `included`
 * is not 0, with the recursion unrolled onto `path`: a chain of 100,000 nodes needs no call stack.
 * `included` must hold every dependent of a node that it holds. O(V+E).
 */
export function stronglyConnected(graph: GraphIndex, included: Int32Array): number[][] {
  const { start, dependents } = graph;
  const seen = new Int32Array(included.length); // the order of discovery, from 1
  const low = new Int32Array(included.length);
  const open = new Uint8Array(included.length);
  const nextEdge = start.slice();
  const path: number[] = [];
  const stack: number[] = [];
  const components: number[][] = [];
  let discovered = 0;

  const enter = (node: number) => {
    seen[node] = low[node] = ++discovered;
    open[node] = 1;
    path.push(node);
    stack.push(node);
  };
  const leave = (node: number) => {
    path.pop();
    const parent = path.at(-1);
    if (parent !== undefined) low[parent] = Math.min(low[parent]!, low[node]!);
    if (low[node] !== seen[node]) return;
    const component = stack.splice(stack.lastIndexOf(node));
    for (const member of component) open[member] = 0;
    components.push(component);
  };

  for (let root = 0; root < included.length; root++) {
    if (included[root] === 0 || seen[root] !== 0) continue;
    enter(root);
    while (path.length > 0) {
      const node = path.at(-1)!;
      if (nextEdge[node] === start[node + 1]) {
        leave(node);
        continue;
      }
      const next = dependents[nextEdge[node]!++]!;
      if (seen[next] === 0) enter(next);
      else if (open[next] === 1) low[node] = Math.min(low[node]!, seen[next]!);
    }
  }
  return components;
}
