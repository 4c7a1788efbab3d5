import type { StoredPlan } from '../../db/plan/plan-load';
import type { StoredTask } from '../../db/task/stored-task';
import { oneLine } from '../../domain/render/render';

/** The plan for people: the project's settings, then each epic with its tasks. */
export function planText({ project, epics }: StoredPlan): string {
  const settings = [
    `${project.name}: ${project.baseBranch} of ${project.repoPath}`,
    ...(project.verify ? [`verify: ${oneLine(project.verify)}`] : []),
    ...(project.setup ? [`setup: ${oneLine(project.setup)}`] : []),
    ...(project.cleanup ? [`cleanup: ${oneLine(project.cleanup)}`] : []),
  ];
  const parts = epics.flatMap(({ number, name, tasks }) => [
    '',
    `Epic ${number}: ${oneLine(name)}`,
    ...tasks.map(taskLine),
  ]);
  return [...settings, ...(epics.length > 0 ? parts : ['', 'The plan has no epics.'])].join('\n');
}

function taskLine(task: StoredTask): string {
  const about = [task.status, `priority ${task.priority}`, task.agent, task.model, after(task)];
  return `  T${task.number} ${oneLine(task.description)}  (${about.filter(Boolean).join(', ')})`;
}

function after({ dependsOn }: StoredTask): string {
  const names = dependsOn.map(({ task, type }) => `T${task}${type === 'soft' ? ' (soft)' : ''}`);
  return names.length > 0 ? `after ${names.join(' ')}` : '';
}
