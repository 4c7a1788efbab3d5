import type { StoredPlan } from '../../db/plan/plan-load';
import { resolve, type Resolution } from '../../domain/graph/graph';
import type { RenderPlan } from '../../domain/render/render';

export const GRAPH_FORMATS = ['ascii', 'mermaid', 'json'] as const;
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

/** A stored plan as the graph's functions and the renderers want it. */
export interface PlanGraph {
  render: RenderPlan;
  resolution: Resolution;
}

export function graphOf(plan: StoredPlan): PlanGraph {
  const tasks = plan.epics.flatMap((epic) => epic.tasks);
  const resolution = resolve(
    tasks.map(({ number, priority, dependsOn }) => ({ id: number, priority, dependsOn })),
  );
  const render = {
    epics: plan.epics.map(({ number, name }) => ({ id: number, name })),
    tasks: tasks.map(({ number, description, epic, status, dependsOn }) => ({
      id: number,
      description,
      epic,
      status,
      dependsOn,
    })),
    batches: resolution.batches,
  };
  return { render, resolution };
}
