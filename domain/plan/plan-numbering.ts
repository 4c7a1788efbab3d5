import type { PlanFile } from './plan-schema';
import { DEFAULT_PRIORITY } from './plan';
import type { Plan, PlanTask } from './plan';

type TaskInFile = PlanFile['epics'][number]['tasks'][number];

/**
 * The plan with its defaults. What has no id gets, in the order of the file, the lowest one that the
 * file gives to nothing else; tasks are numbered through the whole project.
 */
export function completePlan(file: PlanFile): Plan {
  const nextEpicId = freeIds(file.epics);
  const nextTaskId = freeIds(file.epics.flatMap((epic) => epic.tasks));
  return {
    project: file.project,
    ...(file.verify !== undefined && { verify: file.verify }),
    ...(file.setup !== undefined && { setup: file.setup }),
    ...(file.cleanup !== undefined && { cleanup: file.cleanup }),
    epics: file.epics.map((epic) => ({
      id: epic.id ?? nextEpicId(),
      name: epic.name,
      tasks: epic.tasks.map((task) => completeTask(task, task.id ?? nextTaskId())),
    })),
  };
}

function completeTask(task: TaskInFile, id: number): PlanTask {
  const { description, agent, model, verify, budget_usd: budgetUsd } = task;
  return {
    id,
    description,
    action: task.action ?? '',
    priority: task.priority ?? DEFAULT_PRIORITY,
    dependsOn: task.depends_on.map((entry) => ({
      task: entry.task,
      type: entry.type ?? task.dependency_type,
    })),
    ...(agent !== undefined && { agent }),
    ...(model !== undefined && { model }),
    ...(verify !== undefined && { verify }),
    ...(budgetUsd !== undefined && { budgetUsd }),
  };
}

function freeIds(numbered: readonly { id?: number }[]): () => number {
  const taken = new Set(numbered.map(({ id }) => id));
  let id = 0;
  return () => {
    do id++;
    while (taken.has(id));
    return id;
  };
}
