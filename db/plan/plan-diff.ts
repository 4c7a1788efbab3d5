import { isFinished } from '../../domain/model';
import type { Dependency } from '../../domain/graph/graph';
import type { Plan, PlanTask } from '../../domain/plan/plan';
import type { StoredTask } from '../task/stored-task';

/** A task as it is to be written: with the number of its epic. */
export type TaskDefinition = PlanTask & { epic: number };

/** What importing a plan over a stored one comes to. */
export interface PlanDiff {
  created: TaskDefinition[];
  updated: TaskDefinition[];
  unchanged: number;
  /** Finished tasks that the file no longer has. */
  kept: number[];
  removed: number[];
  /** Changed or absent in the file, but running now. */
  running: number[];
  /** Complete tasks that are to depend on what their commit does not contain. */
  late: { task: number; dependsOn: number }[];
  warnings: string[];
}

/**
 * Finished work stays: a finished task takes over a new text, but neither its status nor its epic, where its
 * commit is. `atWork`: in the session that is open, if one is.
 */
export function diffPlan(stored: readonly StoredTask[], plan: Plan, atWork: ReadonlySet<number>): PlanDiff {
  const diff: PlanDiff = {
    created: [],
    updated: [],
    unchanged: 0,
    kept: [],
    removed: [],
    running: [],
    late: [],
    warnings: [],
  };
  const before = new Map(stored.map((task) => [task.number, task]));
  for (const epic of plan.epics) {
    for (const task of epic.tasks) {
      compare(diff, before.get(task.id), { ...task, epic: epic.id }, atWork);
      before.delete(task.id);
    }
  }
  for (const task of before.values()) drop(diff, task, atWork);
  return diff;
}

function compare(
  diff: PlanDiff,
  stored: StoredTask | undefined,
  wanted: TaskDefinition,
  atWork: ReadonlySet<number>,
): void {
  if (!stored) {
    diff.created.push(wanted);
    return;
  }
  const moved = isFinished(stored.status) && stored.epic !== wanted.epic;
  if (moved) {
    diff.warnings.push(
      `task ${wanted.id} is ${stored.status} and stays in epic ${stored.epic}, where its commit is`,
    );
  }
  const definition = moved ? { ...wanted, epic: stored.epic } : wanted;
  if (isSame(stored, definition)) diff.unchanged++;
  else if (atWork.has(wanted.id)) diff.running.push(wanted.id);
  else {
    diff.updated.push(definition);
    if (stored.status === 'complete') diff.late.push(...addedHard(stored, definition));
    if (isFinished(stored.status)) {
      diff.warnings.push(
        `task ${wanted.id} is ${stored.status}: its new definition is kept, but it does not run again`,
      );
    }
  }
}

const hardOf = ({ dependsOn }: Pick<PlanTask, 'dependsOn'>) =>
  dependsOn.filter(({ type }) => type === 'hard').map(({ task }) => task);

function addedHard(stored: StoredTask, wanted: TaskDefinition): PlanDiff['late'] {
  const before = hardOf(stored);
  return hardOf(wanted)
    .filter((needed) => !before.includes(needed))
    .map((dependsOn) => ({ task: wanted.id, dependsOn }));
}

/** Why a task can no longer depend on another, and what can be done instead. */
export const lateDependency = (task: number, dependsOn: number, is: string): string =>
  `depends_on: task ${task} is ${is}, so its commit cannot contain that of task ${dependsOn}: make the dependency soft, leave it out, or give the work to a new task`;

function drop(diff: PlanDiff, task: StoredTask, atWork: ReadonlySet<number>): void {
  if (isFinished(task.status)) diff.kept.push(task.number);
  else if (atWork.has(task.number)) diff.running.push(task.number);
  else diff.removed.push(task.number);
}

function isSame(stored: StoredTask, wanted: TaskDefinition): boolean {
  return (
    stored.epic === wanted.epic &&
    stored.description === wanted.description &&
    stored.action === wanted.action &&
    stored.priority === wanted.priority &&
    stored.agent === (wanted.agent ?? null) &&
    stored.model === (wanted.model ?? null) &&
    stored.verify === (wanted.verify ?? null) &&
    stored.budgetUsd === (wanted.budgetUsd ?? null) &&
    dependencyKey(stored.dependsOn) === dependencyKey(wanted.dependsOn)
  );
}

const dependencyKey = (dependencies: readonly Dependency[]) =>
  [...new Map(dependencies.map(({ task, type }) => [task, `${task}:${type}`])).values()].sort().join();
