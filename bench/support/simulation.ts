import { resolve } from '../../domain/graph/graph';
import type { SchedulingMode } from '../../domain/model';
import { createScheduler, step, type SchedulerEvent } from '../../domain/scheduler';

export interface TimedTask {
  id: number;
  epic: number;
  priority: number;
  dependsOn: number[];
  seconds: number;
}

interface Rules {
  concurrency: number;
  scheduling: SchedulingMode;
}

const resolved = (tasks: TimedTask[]) =>
  resolve(
    tasks.map(({ id, priority, dependsOn, seconds }) => ({
      id,
      priority,
      weight: seconds,
      dependsOn: dependsOn.map((task) => ({ task, type: 'hard' as const })),
    })),
  );

function schedulerOf(tasks: TimedTask[], { concurrency, scheduling }: Rules) {
  // As the session does: there, all tasks count the same.
  const graph = resolved(tasks.map((task) => ({ ...task, seconds: 1 })));
  const batchOf = new Map(graph.batches.flatMap((batch, at) => batch.map((id) => [id, at + 1] as const)));
  return createScheduler(
    tasks.map(({ id, epic, priority, dependsOn }) => ({
      id,
      lane: `epic-${epic}`,
      priority,
      dependsOn,
      standing: 'todo' as const,
      batch: batchOf.get(id)!,
      remaining: graph.remaining.get(id)!,
    })),
    { maxConcurrency: concurrency, scheduling, onFailure: 'continue', onConflict: 'fail' },
  );
}

/**
 * What a session takes when nothing but its tasks takes time: the real scheduler decides, tasks end when their time is
 * up, epics land at once.
 */
export function simulate(tasks: TimedTask[], rules: Rules): { seconds: number; steps: number } {
  const state = schedulerOf(tasks, rules);
  const durations = new Map(tasks.map(({ id, seconds }) => [id, seconds]));
  const running: { task: number; until: number }[] = [];
  const inbox: SchedulerEvent[] = [{ type: 'begin' }];
  let now = 0;
  let steps = 0;
  while (!state.finished) {
    const event = inbox.shift();
    if (!event) {
      running.sort((a, b) => a.until - b.until);
      const next = running.shift();
      if (!next) throw new Error('the simulated session neither ends nor goes on');
      now = next.until;
      inbox.push({ type: 'taskSettled', task: next.task, outcome: 'complete' });
      continue;
    }
    steps++;
    for (const command of step(state, event)) {
      if (command.type === 'startTask')
        running.push({ task: command.task, until: now + durations.get(command.task)! });
      if (command.type === 'landStack') {
        const landed = command.stack.map(({ lane }) => ({ lane, outcome: 'landed' as const }));
        inbox.push({ type: 'stackEnded', landed, held: [], deferred: [], red: null });
      }
      if (command.type === 'closeLane')
        inbox.push({ type: 'laneEnded', lane: command.lane, outcome: 'landed' });
    }
  }
  return { seconds: now, steps };
}

/** No schedule can be shorter: the longest chain, the fullest epic, or all work shared out evenly. */
export function lowerBound(tasks: TimedTask[], concurrency: number): number {
  const { order, remaining } = resolved(tasks);
  const chain = Math.max(...order.map((id) => remaining.get(id)!));
  const epics = new Map<number, number>();
  for (const { epic, seconds } of tasks) epics.set(epic, (epics.get(epic) ?? 0) + seconds);
  const total = tasks.reduce((sum, { seconds }) => sum + seconds, 0);
  return Math.max(chain, ...epics.values(), total / concurrency);
}
