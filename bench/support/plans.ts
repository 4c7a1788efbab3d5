import type { Plan } from '../../domain/plan/plan';
import type { TimedTask } from './simulation';

/** A plan of script tasks. */
export function planOf(project: string, tasks: TimedTask[], action: (task: TimedTask) => string): Plan {
  const epics = [...new Set(tasks.map(({ epic }) => epic))].sort((a, b) => a - b);
  return {
    project,
    epics: epics.map((id) => ({
      id,
      name: `Part ${id}`,
      tasks: tasks
        .filter(({ epic }) => epic === id)
        .map((task) => ({
          id: task.id,
          description: `Task ${task.id}`,
          action: action(task),
          priority: task.priority,
          dependsOn: task.dependsOn.map((other) => ({ task: other, type: 'hard' as const })),
          agent: 'script' as const,
        })),
    })),
  };
}

/** Epics of the same length, in each of which a task waits for the one before. */
export const chains = (epics: number, length: number): TimedTask[] =>
  Array.from({ length: epics * length }, (_, index) => ({
    id: index + 1,
    epic: Math.floor(index / length) + 1,
    priority: 100,
    dependsOn: index % length === 0 ? [] : [index],
    seconds: 0,
  }));
