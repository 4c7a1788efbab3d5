import { describeCycles, resolve } from '../graph/graph';
import type { Plan, PlanTask } from './plan';
import type { PlanPath } from './plan-error';

export interface Finding {
  /** Where the mistake is; `at` points further in, to a line, than the field that is named. */
  path: PlanPath;
  at?: PlanPath;
  message: string;
}

interface Placed {
  task: PlanTask;
  path: PlanPath;
}

/** What no schema can see: scripts that are missing, ids used twice, and dependencies that cannot be met. */
export function checkPlan(plan: Plan): Finding[] {
  const epics = plan.epics.map(({ id }, epic) => ({ id, path: ['epics', epic] }));
  const placed = plan.epics.flatMap(({ tasks }, epic) =>
    tasks.map((task, index) => ({ task, path: ['epics', epic, 'tasks', index] })),
  );
  const tasks = placed.map(({ task, path }) => ({ id: task.id, path }));
  return [
    ...usedTwice('epic', epics),
    ...usedTwice('task', tasks),
    ...missingScripts(placed),
    ...badDependencies(placed),
    ...circular(placed),
  ];
}

function usedTwice(what: string, numbered: readonly { id: number; path: PlanPath }[]): Finding[] {
  const seen = new Set<number>();
  return numbered.flatMap(({ id, path }) => {
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    const message = `${what} ${id} is there twice; give one of the two another id`;
    return [{ path: [...path, 'id'], message }];
  });
}

/** A description must never be run as a script. */
function missingScripts(placed: readonly Placed[]): Finding[] {
  return placed
    .filter(({ task }) => task.agent === 'script' && task.action === '')
    .map(({ path }) => ({
      path: [...path, 'action'],
      message: 'is missing; a script task needs the script to run',
    }));
}

function badDependencies(placed: readonly Placed[]): Finding[] {
  const known = new Set(placed.map(({ task }) => task.id));
  return placed.flatMap(({ task, path }) => {
    const seen = new Set<number>();
    return task.dependsOn.flatMap((dependency, index) => {
      const message = dependencyProblem(task.id, dependency.task, known, seen);
      seen.add(dependency.task);
      const field = [...path, 'depends_on'];
      return message === null ? [] : [{ path: field, at: [...field, index], message }];
    });
  });
}

function dependencyProblem(task: number, needed: number, known: Set<number>, seen: Set<number>) {
  if (needed === task) return `task ${task} depends on itself; remove the dependency`;
  if (!known.has(needed)) {
    return `task ${task} depends on task ${needed}, which does not exist; fix the id or add the task`;
  }
  return seen.has(needed) ? `task ${task} depends on task ${needed} twice; remove one of the two` : null;
}

function circular(placed: readonly Placed[]): Finding[] {
  const paths = new Map(placed.map(({ task, path }) => [task.id, path]));
  const cycles = resolve(placed.map(({ task }) => task)).cycles.filter((cycle) => cycle.length > 2);
  if (cycles.length === 0) return [];
  const path = [...paths.get(cycles[0]![0]!)!, 'depends_on'];
  return [{ path, message: `${describeCycles(cycles)}; remove one dependency of each` }];
}
