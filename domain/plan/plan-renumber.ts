import type { Plan } from './plan';

/** The same plan with its numbers above these: what a project has keeps its numbers, whatever came of it. */
export function numberedAfter(plan: Plan, { epic, task }: { epic: number; task: number }): Plan {
  return {
    ...plan,
    epics: plan.epics.map((one) => ({
      ...one,
      id: one.id + epic,
      tasks: one.tasks.map((each) => ({
        ...each,
        id: each.id + task,
        dependsOn: each.dependsOn.map((needed) => ({ ...needed, task: needed.task + task })),
      })),
    })),
  };
}
