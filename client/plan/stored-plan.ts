import type { StoredPlan } from '../../db/plan/plan-load';
import { isFinished } from '../../domain/model';
import type { Plan, PlanTask } from '../../domain/plan/plan';

/** What of a stored plan is still to be done, without its dependencies on what is. */
export function restOf(stored: StoredPlan): Plan {
  const epics = stored.epics.map((epic) => ({
    ...epic,
    tasks: epic.tasks.filter(({ status }) => !isFinished(status)),
  }));
  const left = new Set(epics.flatMap((epic) => epic.tasks.map(({ number }) => number)));
  const needs = (task: PlanTask) => task.dependsOn.filter((edge) => left.has(edge.task));
  const rest = planFrom({ ...stored, epics: epics.filter(({ tasks }) => tasks.length > 0) });
  return {
    ...rest,
    epics: rest.epics.map((epic) => ({
      ...epic,
      tasks: epic.tasks.map((task) => ({ ...task, dependsOn: needs(task) })),
    })),
  };
}

/** A stored plan as a plan file has it: without what came of it. */
export function planFrom({ project, epics }: StoredPlan): Plan {
  return {
    project: project.name,
    ...(project.verify === null ? {} : { verify: project.verify }),
    ...(project.setup === null ? {} : { setup: project.setup }),
    ...(project.cleanup === null ? {} : { cleanup: project.cleanup }),
    epics: epics.map(({ number, name, tasks }) => ({
      id: number,
      name,
      tasks: tasks.map(({ number: id, description, action, priority, dependsOn, ...task }) => ({
        ...{ id, description, action, priority, dependsOn },
        ...(task.agent === null ? {} : { agent: task.agent }),
        ...(task.model === null ? {} : { model: task.model }),
        ...(task.verify === null ? {} : { verify: task.verify }),
        ...(task.budgetUsd === null ? {} : { budgetUsd: task.budgetUsd }),
      })),
    })),
  };
}
