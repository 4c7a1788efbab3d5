import * as dagre from '@dagrejs/dagre';

/** What is used of dagre, whose own types TypeScript cannot resolve: they import each other without extensions. */
interface Dagre {
  Graph: new () => DagreGraph;
  layout: (graph: DagreGraph) => void;
}
interface DagreGraph {
  setGraph: (label: object) => void;
  setDefaultEdgeLabel: (label: () => object) => void;
  setNode: (id: string, label: object) => void;
  setEdge: (from: string, to: string) => void;
  graph: () => { width?: number; height?: number };
  node: (id: string) => { x?: number; y?: number };
  edge: (from: string, to: string) => { points?: Point[] };
}
const { Graph, layout } = dagre as unknown as Dagre;

export interface GraphNode {
  id: string;
  width: number;
  height: number;
}
export interface GraphEdge {
  from: string;
  to: string;
  soft: boolean;
}
interface Point {
  x: number;
  y: number;
}
export interface GraphPicture {
  width: number;
  height: number;
  /** Where the middle of each node is. */
  nodes: Map<string, Point>;
  edges: (GraphEdge & { points: Point[] })[];
}

const GAP = 14;
const COLUMNS = 5;

/**
 * Layers from left to right (dagre), each node as far to the left as what it needs allows: where all edges are hard
 * dependencies, a layer is a batch. dagre pulls nodes to what they lead to, hence its edges go the other way. Nodes without
 * any edge stand in a grid below, where they take less room.
 */
export function layOut(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): GraphPicture {
  const linked = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const graph = new Graph();
  graph.setGraph({
    rankdir: 'RL',
    ranker: 'longest-path',
    nodesep: GAP,
    ranksep: 36,
    marginx: 4,
    marginy: 14,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of nodes) if (linked.has(id)) graph.setNode(id, { width, height });
  for (const { from, to } of edges) graph.setEdge(to, from);
  if (linked.size) layout(graph);
  const { width = 0, height = 0 } = linked.size ? graph.graph() : {};
  const places = new Map<string, Point>();
  for (const id of linked) {
    const { x = 0, y = 0 } = graph.node(id);
    places.set(id, { x, y });
  }
  const single = placeSingles(
    nodes.filter(({ id }) => !linked.has(id)),
    { top: height, width, places },
  );
  return {
    width: Math.max(width, single.width),
    height: single.bottom,
    nodes: places,
    edges: edges.map((edge) => ({
      ...edge,
      points: (graph.edge(edge.to, edge.from).points ?? []).toReversed(),
    })),
  };
}

function placeSingles(
  nodes: readonly GraphNode[],
  { top, width, places }: { top: number; width: number; places: Map<string, Point> },
): { width: number; bottom: number } {
  const [first] = nodes;
  if (!first) return { width: 0, bottom: top };
  const [wide, high] = [first.width + GAP, first.height + GAP];
  const columns = Math.max(Math.floor(width / wide), COLUMNS);
  for (const [index, { id }] of nodes.entries()) {
    const x = (index % columns) * wide + wide / 2;
    places.set(id, { x, y: top + Math.floor(index / columns) * high + high / 2 });
  }
  const used = Math.min(nodes.length, columns);
  return { width: used * wide, bottom: top + Math.ceil(nodes.length / columns) * high };
}
