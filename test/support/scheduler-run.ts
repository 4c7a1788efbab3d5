import { resolve } from '../../domain/graph';
import {
  createScheduler,
  step,
  type LaneOutcome,
  type SchedulerCommand,
  type SchedulerConfig,
  type SchedulerEvent,
  type SchedulerState,
} from '../../domain/scheduler';
import type { RandomTask } from './random-plan';

export const config = (changes: Partial<SchedulerConfig> = {}): SchedulerConfig => ({
  maxConcurrency: 3,
  scheduling: 'dependencies',
  onFailure: 'continue',
  onConflict: 'fail',
  ...changes,
});

export function schedulerFor(
  plan: RandomTask[],
  changes: Partial<SchedulerConfig> = {},
  standing: (task: RandomTask) => 'todo' | 'finished' | 'excluded' = () => 'todo',
): SchedulerState {
  const graph = resolve(
    plan.map((task) => ({
      ...task,
      dependsOn: task.dependsOn.map((id) => ({ task: id, type: 'hard' as const })),
    })),
  );
  const batchOf = new Map(
    graph.batches.flatMap((batch, index) => batch.map((id) => [id, index + 1] as const)),
  );
  return createScheduler(
    plan.map((task) => ({
      id: task.id,
      lane: `epic-${task.epic}`,
      priority: task.priority,
      dependsOn: task.dependsOn,
      standing: standing(task),
      batch: batchOf.get(task.id)!,
      remaining: graph.remaining.get(task.id)!,
    })),
    config(changes),
  );
}

export interface Trace {
  started: number[];
  landed: string[];
  peak: number;
  /** Violations of the rules that must hold at every moment. */
  broken: string[];
  commands: SchedulerCommand[];
}

/** What the outside world answers to a command; `choose` picks which open piece of work ends next. */
export interface World {
  choose(count: number): number;
  outcome(task: number): 'complete' | 'failed';
  landing(lane: string): LaneOutcome;
}

/** Plays a whole session: a task in flight or a landing ends at a time, in the order that the world chooses. */
export function play(state: SchedulerState, world: World, first: SchedulerEvent = { type: 'begin' }): Trace {
  const trace: Trace = { started: [], landed: [], peak: 0, broken: [], commands: [] };
  const open: { lane: string; task?: number }[] = [];
  const apply = (event: SchedulerEvent) => {
    for (const command of step(state, event)) {
      trace.commands.push(command);
      carryOut(command);
    }
  };
  const carryOut = (command: SchedulerCommand) => {
    if (command.type === 'startTask') {
      if (open.some((one) => one.lane === command.lane)) trace.broken.push(`two at once in ${command.lane}`);
      const unmet = state.tasks
        .get(command.task)!
        .dependsOn.filter((id) => !['complete', 'skipped'].includes(state.tasks.get(id)!.state));
      if (unmet.length) trace.broken.push(`T${command.task} started before ${unmet.join()}`);
      trace.started.push(command.task);
      open.push({ lane: command.lane, task: command.task });
      trace.peak = Math.max(trace.peak, open.filter((one) => one.task).length);
    } else if (command.type === 'land') {
      if (open.some((one) => !one.task)) trace.broken.push(`two landings at once`);
      open.push({ lane: command.lane });
    } else if (command.type === 'closeLane') {
      apply({ type: 'laneEnded', lane: command.lane, outcome: state.lanes.get(command.lane)!.outcome! });
    }
  };
  apply(first);
  while (open.length) {
    const [done] = open.splice(world.choose(open.length), 1);
    if (done!.task) {
      const outcome = world.outcome(done!.task);
      apply({
        type: 'taskSettled',
        task: done!.task,
        outcome,
        ...(outcome === 'failed' ? { reason: 'it broke' } : {}),
      });
    } else {
      const outcome = world.landing(done!.lane);
      if (outcome === 'landed') trace.landed.push(done!.lane);
      apply({ type: 'laneEnded', lane: done!.lane, outcome });
    }
  }
  return trace;
}
