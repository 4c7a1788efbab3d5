import type { DependencyType, TaskStatus } from '../model';
import { epicTitles, groupByEpic, oneLine, selectTasks } from './render';
import type { RenderFilter, RenderPlan, RenderTask } from './render';

const MARKERS: Record<TaskStatus, string> = {
  complete: '[x]',
  running: '[>]',
  failed: '[!]',
  pending: '[ ]',
  blocked: '[-]',
  skipped: '[~]',
};

/** The plan as text: batches, in each its epics, in each its tasks with status and dependencies. */
export function toAscii(plan: RenderPlan, filter: RenderFilter = {}): string {
  const selected = new Map(selectTasks(plan, filter).map((task) => [task.id, task]));
  if (selected.size === 0) return 'No tasks.\n';
  const idWidth = String(largestId(selected)).length;
  const titleOf = epicTitles(plan);
  const lines: string[] = [];
  const section = (heading: string, tasks: RenderTask[]) => {
    if (tasks.length === 0) return;
    if (lines.length > 0) lines.push('');
    lines.push(heading);
    for (const [epic, group] of groupByEpic(tasks)) {
      lines.push(`  ${titleOf(epic)}`);
      for (const task of group) lines.push(taskLine(task, idWidth));
    }
  };
  plan.batches.forEach((ids, index) => {
    const tasks = ids.map((id) => selected.get(id)).filter((task) => task !== undefined);
    section(`Batch ${index + 1}`, tasks);
    for (const task of tasks) selected.delete(task.id);
  });
  section('In no batch (circular dependencies)', [...selected.values()]);
  return `${lines.join('\n')}\n`;
}

function largestId(tasks: ReadonlyMap<number, RenderTask>): number {
  let largest = 0;
  for (const id of tasks.keys()) largest = Math.max(largest, id);
  return largest;
}

function taskLine(task: RenderTask, idWidth: number): string {
  const label = `T${task.id}`.padEnd(idWidth + 1);
  const after = dependencyText(task);
  return `    ${MARKERS[task.status]} ${label}  ${oneLine(task.description)}${after && `  ${after}`}`;
}

/** `after T1, T2 (soft T4)` */
function dependencyText({ dependsOn }: RenderTask): string {
  const named = (type: DependencyType) =>
    dependsOn.filter((dependency) => dependency.type === type).map(({ task }) => `T${task}`);
  const hard = named('hard').join(', ');
  const soft = named('soft').join(', ');
  return [hard && `after ${hard}`, soft && `(soft ${soft})`].filter(Boolean).join(' ');
}
