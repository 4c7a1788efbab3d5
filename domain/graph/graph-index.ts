import type { DependencyType } from '../model';

export interface Dependency {
  task: number;
  type: DependencyType;
}

export interface GraphTask {
  id: number;
  /** Lower goes first. */
  priority: number;
  dependsOn: readonly Dependency[];
  /** What the task adds to the length of a path: positive, 1 if absent. */
  weight?: number;
}

/**
 * The hard dependencies of a plan as a compressed adjacency list. A node is a position in `ids`;
 * the nodes that need node v are `dependents[start[v]] .. dependents[start[v + 1] - 1]`.
 */
export interface GraphIndex {
  ids: number[];
  nodeOf: (id: number) => number | undefined;
  priorities: number[];
  lengths: number[];
  start: Int32Array;
  dependents: Int32Array;
  /** How many hard dependencies each node has. */
  needs: Int32Array;
  missing: { task: number; dependency: number }[];
  duplicates: number[];
}

/** Of tasks with the same id, the first counts. A soft dependency is looked up, but makes no edge. */
export function indexGraph(all: readonly GraphTask[]): GraphIndex {
  const { tasks, nodeOf, duplicates } = numberTasks(all);
  const missing: GraphIndex['missing'] = [];
  const most = tasks.reduce((sum, task) => sum + task.dependsOn.length, 0);
  const from = new Int32Array(most);
  const to = new Int32Array(most);
  let edges = 0;
  for (let node = 0; node < tasks.length; node++) {
    const task = tasks[node]!;
    for (const dependency of task.dependsOn) {
      const needed = nodeOf.get(dependency.task);
      if (needed === undefined) missing.push({ task: task.id, dependency: dependency.task });
      else if (dependency.type === 'hard') {
        from[edges] = needed;
        to[edges++] = node;
      }
    }
  }
  return {
    ids: tasks.map((task) => task.id),
    nodeOf: nodeOf.get,
    priorities: tasks.map((task) => task.priority),
    lengths: tasks.map((task) => task.weight ?? 1),
    missing,
    duplicates,
    ...compress(from.subarray(0, edges), to, tasks.length),
  };
}

function numberTasks(all: readonly GraphTask[]) {
  const tasks: GraphTask[] = [];
  const nodeOf = nodeTable(all);
  const duplicates = new Set<number>();
  for (const task of all) {
    if (nodeOf.get(task.id) !== undefined) duplicates.add(task.id);
    else {
      nodeOf.set(task.id, tasks.length);
      tasks.push(task);
    }
  }
  return { tasks, nodeOf, duplicates: [...duplicates] };
}

interface NodeTable {
  get: (id: number) => number | undefined;
  set: (id: number, node: number) => void;
}

/** Ids are mostly 1 to n, for which an array is several times faster than a Map. */
function nodeTable(all: readonly GraphTask[]): NodeTable {
  const size = 2 * all.length;
  const near = new Int32Array(size).fill(-1);
  const far = new Map<number, number>();
  const isNear = (id: number) => id >= 0 && id < size && Number.isInteger(id);
  return {
    get(id) {
      if (!isNear(id)) return far.get(id);
      const node = near[id]!;
      return node === -1 ? undefined : node;
    },
    set(id, node) {
      if (isNear(id)) near[id] = node;
      else far.set(id, node);
    },
  };
}

function compress(from: Int32Array, to: Int32Array, size: number) {
  const start = new Int32Array(size + 1);
  const needs = new Int32Array(size);
  for (let edge = 0; edge < from.length; edge++) {
    start[from[edge]! + 1]!++;
    needs[to[edge]!]!++;
  }
  for (let node = 0; node < size; node++) start[node + 1]! += start[node]!;
  const free = start.slice();
  const dependents = new Int32Array(from.length);
  for (let edge = 0; edge < from.length; edge++) dependents[free[from[edge]!]!++] = to[edge]!;
  return { start, dependents, needs };
}
