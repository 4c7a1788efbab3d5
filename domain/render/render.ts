import type { Dependency } from '../graph/graph';
import type { TaskStatus } from '../model';

export interface RenderTask {
  id: number;
  description: string;
  /** The id of the task's epic. */
  epic: number;
  status: TaskStatus;
  dependsOn: readonly Dependency[];
}

export interface RenderPlan {
  epics: readonly { id: number; name: string }[];
  tasks: readonly RenderTask[];
  /** Task ids by batch, in the order in which they are to be shown. */
  batches: readonly (readonly number[])[];
}

export interface RenderFilter {
  /** Only the tasks of this epic. */
  epic?: number;
  /** Only the tasks of this batch, counted from 1. */
  batch?: number;
}

const LABEL_LIMIT = 100;
/** Most texts: nothing in them to replace, which is quicker to see than to do. */
const CLEAN = /^[!-~]+(?: [!-~]+)*$/;
const INVISIBLE = /[\p{Cc}\p{Cs}\p{Z}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** The plan's tasks that the filter lets through, in the plan's order. */
export function selectTasks(plan: RenderPlan, { epic, batch }: RenderFilter): RenderTask[] {
  const inBatch = batch === undefined ? null : new Set(plan.batches[batch - 1]);
  return plan.tasks.filter(
    (task) => (epic === undefined || task.epic === epic) && (inBatch === null || inBatch.has(task.id)),
  );
}

/** The tasks by epic, epics in the order of their first task. */
export function groupByEpic(tasks: readonly RenderTask[]): Map<number, RenderTask[]> {
  const groups = new Map<number, RenderTask[]>();
  for (const task of tasks) {
    const group = groups.get(task.epic);
    if (group) group.push(task);
    else groups.set(task.epic, [task]);
  }
  return groups;
}

/** `Epic 2: Frontend` for each epic. */
export function epicTitles(plan: RenderPlan): (epic: number) => string {
  const names = new Map(plan.epics.map(({ id, name }) => [id, name]));
  return (epic) => oneLine(names.has(epic) ? `Epic ${epic}: ${names.get(epic)}` : `Epic ${epic}`);
}

/** At most 100 characters on one line; what could move a cursor or turn text around becomes a space. */
export function oneLine(text: string): string {
  if (text.length <= LABEL_LIMIT && CLEAN.test(text)) return text;
  const line = text.replace(INVISIBLE, ' ').trim();
  if (line.length <= LABEL_LIMIT) return line;
  const characters = Array.from(line.slice(0, 2 * LABEL_LIMIT + 2));
  return characters.length <= LABEL_LIMIT ? line : `${characters.slice(0, LABEL_LIMIT - 1).join('')}…`;
}
