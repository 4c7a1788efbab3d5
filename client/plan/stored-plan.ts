import type { StoredPlan } from '../../db/plan/plan-load';
import type { Plan } from '../../domain/plan/plan';

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
