import { Document, isSeq, visit } from 'yaml';
import type { Plan, PlanTask } from './plan';

/** The plan as YAML; `parsePlan` of it gives the same plan. */
export function stringifyPlan(plan: Plan): string {
  const document = new Document(planInFile(plan), { aliasDuplicateObjects: false });
  visit(document, {
    Pair: (_, pair) => {
      if (isSeq(pair.value) && (pair.key as { value?: unknown }).value === 'depends_on')
        pair.value.flow = true;
    },
  });
  return document.toString({ lineWidth: 100 });
}

/** The plan with the names and in the order of a plan file. */
export function planInFile({ project, verify, setup, cleanup, epics }: Plan) {
  return {
    project,
    verify,
    setup,
    cleanup,
    epics: epics.map(({ id, name, tasks }) => ({ id, name, tasks: tasks.map(taskInFile) })),
  };
}

function taskInFile(task: PlanTask) {
  return {
    id: task.id,
    description: task.description,
    action: task.action === '' ? undefined : task.action,
    priority: task.priority,
    depends_on: task.dependsOn.map((needed) => (needed.type === 'hard' ? needed.task : needed)),
    agent: task.agent,
    model: task.model,
    verify: task.verify,
    budget_usd: task.budgetUsd,
  };
}
