import type { AgentName } from '../../domain/model';
import type { Plan } from '../../domain/plan/plan';

export interface ShortTask {
  id: number;
  epic: number;
  /** A shell script, or what the agent is to do. */
  action: string;
  after?: number[];
  priority?: number;
  verify?: string;
  /** Default: script. */
  agent?: AgentName;
}

/** A plan of script tasks, written short; epics are named by their number. */
export function planOf(project: string, tasks: ShortTask[], extra: Partial<Plan> = {}): Plan {
  const epics = [...new Set(tasks.map((task) => task.epic))].sort((a, b) => a - b);
  return {
    project,
    ...extra,
    epics: epics.map((id) => ({
      id,
      name: `Part ${id}`,
      tasks: tasks
        .filter((task) => task.epic === id)
        .map(({ id: task, action, after = [], priority = 100, verify, agent = 'script' }) => ({
          id: task,
          description: `Task ${task}`,
          action,
          priority,
          dependsOn: after.map((other) => ({ task: other, type: 'hard' as const })),
          agent,
          ...(verify ? { verify } : {}),
        })),
    })),
  };
}

const append = (id: number) => `echo "line of task ${id}" >> file-${id}.txt`;

/** The guide's example: 3 epics, tasks 1 to 7, batches [1, 6] [2] [3, 4] [5, 7]. */
export const guidePlan = (project: string, action: (id: number) => string = append): Plan =>
  planOf(project, [
    { id: 1, epic: 1, action: action(1) },
    { id: 2, epic: 1, action: action(2), after: [1] },
    { id: 3, epic: 2, action: action(3), after: [2] },
    { id: 4, epic: 2, action: action(4), after: [2] },
    { id: 5, epic: 2, action: action(5), after: [3, 4] },
    { id: 6, epic: 3, action: action(6) },
    { id: 7, epic: 3, action: action(7), after: [3] },
  ]);
