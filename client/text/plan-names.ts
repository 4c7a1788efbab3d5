import type { StoredPlan } from '../../db/plan/plan-load';
import type { SessionEvent } from '../../domain/session/events';
import { oneLine } from '../../domain/render/render';
import { shortened } from '../../domain/shortened';
import { harmless } from './harmless';

/** What tasks and epics are called where they are reported. */
export interface PlanNames {
  /** Whose plan it is, as commands name it. */
  project: string;
  /** `T4 Auth models` */
  task(number: number): string;
  /** `Epic 2 User Authentication` */
  epic(number: number): string;
  /** Whether what the event is about was in the plan when this was made. */
  knows(event: Pick<SessionEvent, 'epic' | 'task'>): boolean;
}

const TITLE_LIMIT = 50;

export function planNames(plan: StoredPlan): PlanNames {
  const epics = new Map(plan.epics.map(({ number, name }) => [number, name]));
  const tasks = new Map(
    plan.epics.flatMap((epic) => epic.tasks.map(({ number, description }) => [number, description] as const)),
  );
  const named = (label: string, name: string | undefined) => (name ? `${label} ${title(name)}` : label);
  return {
    project: plan.project.name,
    task: (number) => named(`T${number}`, tasks.get(number)),
    knows: ({ epic, task }) => (task === null || tasks.has(task)) && (epic === null || epics.has(epic)),
    epic: (number) => named(`Epic ${number}`, epics.get(number)),
  };
}

export const title = (text: string): string => shortened(harmless(oneLine(text)), TITLE_LIMIT);
