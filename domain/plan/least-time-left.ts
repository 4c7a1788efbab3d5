import { resolve } from '../graph/graph';
import type { Dependency } from '../graph/graph-index';

/** A task that still has to run, or runs. Whatever has settled is left out. */
export interface OpenTask {
  id: number;
  /** Tasks of one epic never overlap. */
  epic: number;
  priority: number;
  dependsOn: readonly Dependency[];
  /** How long it will take from now on, in milliseconds. */
  ms: number;
}

export interface TimeLeft {
  /** Milliseconds until everything is done, at best. */
  ms: number;
  /** The chain of dependencies that takes longest. */
  criticalPath: number[];
}

/**
 * The least time that is left: no schedule beats its longest chain of dependencies, its longest epic, or the whole
 * work spread over all agents.
 */
export function leastTimeLeft(tasks: readonly OpenTask[], agents: number): TimeLeft {
  const { criticalPath, remaining } = resolve(tasks.map((task) => ({ ...task, weight: task.ms })));
  const epics = new Map<number, number>();
  let total = 0;
  for (const { epic, ms } of tasks) {
    epics.set(epic, (epics.get(epic) ?? 0) + ms);
    total += ms;
  }
  let longest = criticalPath.length ? remaining.get(criticalPath[0]!)! : 0;
  for (const ms of epics.values()) longest = Math.max(longest, ms);
  return { ms: Math.max(longest, total / Math.max(agents, 1)), criticalPath };
}
