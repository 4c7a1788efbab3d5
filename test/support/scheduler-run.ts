import { resolve } from '../../domain/graph/graph';
import {
  createScheduler,
  step,
  type LaneOutcome,
  type ScheduledTask,
  type SchedulerCommand,
  type SchedulerConfig,
  type SchedulerEvent,
  type SchedulerState,
  type StackEnd,
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
  return createScheduler(scheduledTasks(plan, standing), config(changes));
}

/** The tasks of a plan as the scheduler takes them. */
export function scheduledTasks(
  plan: RandomTask[],
  standing: (task: RandomTask) => 'todo' | 'finished' | 'excluded' = () => 'todo',
): ScheduledTask[] {
  const graph = resolve(
    plan.map((task) => ({
      ...task,
      dependsOn: task.dependsOn.map((id) => ({ task: id, type: 'hard' as const })),
    })),
  );
  const batchOf = new Map(
    graph.batches.flatMap((batch, index) => batch.map((id) => [id, index + 1] as const)),
  );
  return plan.map((task) => ({
    id: task.id,
    lane: `epic-${task.epic}`,
    priority: task.priority,
    dependsOn: task.dependsOn,
    standing: standing(task),
    batch: batchOf.get(task.id)!,
    remaining: graph.remaining.get(task.id)!,
  }));
}

export interface Trace {
  started: number[];
  landed: string[];
  /** Every stack that was tried. */
  stacks: string[][];
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
  /** What the agent comes to that mends a lane. Default: it cannot. */
  mend?(lane: string): 'mended' | 'unmended';
  /** What happens besides, after so many ends. */
  meanwhile?(ends: number): SchedulerEvent | null;
  /** Is told of each event before the scheduler takes it in, and of each command. */
  sees?(what: SchedulerEvent | SchedulerCommand): void;
}

/**
 * A stack lands unless one of its lanes is `rejected`; those that conflict or are blocked are left out of it, and what
 * needs one of them tries again later.
 */
export function stackEnd(
  stack: string[],
  outcomeOf: (lane: string) => LaneOutcome,
  needsOf: (lane: string) => string[] = () => [],
): StackEnd {
  const end: StackEnd = { landed: [], held: [], deferred: [], red: null };
  const left = new Set<string>();
  const merged: string[] = [];
  for (const lane of stack) {
    const outcome = outcomeOf(lane);
    if (outcome === 'nothing') end.landed.push({ lane, outcome });
    else if (needsOf(lane).some((other) => left.has(other))) end.deferred.push(lane);
    else if (outcome === 'conflict' || outcome === 'blocked')
      end.held.push({ lane, outcome, reason: `is ${outcome}` });
    else {
      merged.push(lane);
      if (outcome === 'rejected') end.red = { reason: 'it is red' };
      continue;
    }
    if (outcome !== 'nothing') left.add(lane);
  }
  if (!end.red) end.landed.push(...merged.map((lane) => ({ lane, outcome: 'landed' as const })));
  return end;
}

/** Plays a whole session: a task in flight or a landing ends at a time, in the order that the world chooses. */
export function play(
  state: SchedulerState,
  world: World,
  ...first: [SchedulerEvent, ...SchedulerEvent[]] | []
): Trace {
  const trace: Trace = { started: [], landed: [], stacks: [], peak: 0, broken: [], commands: [] };
  const open: { lane: string; task?: number; stack?: string[]; needs?: Map<string, string[]> }[] = [];
  const apply = (event: SchedulerEvent) => {
    world.sees?.(event);
    if (event.type === 'laneEnded') dropWork(event.lane);
    for (const command of step(state, event)) {
      world.sees?.(command);
      trace.commands.push(command);
      carryOut(command);
    }
  };
  /** What runs in a lane ends with it. */
  const dropWork = (lane: string) => {
    const index = open.findIndex((one) => one.lane === lane);
    if (index >= 0) open.splice(index, 1);
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
      trace.peak = Math.max(trace.peak, open.filter((one) => !one.stack).length);
    } else if (command.type === 'landStack') {
      if (open.some((one) => one.stack)) trace.broken.push(`two landings at once`);
      const stack = command.stack.map(({ lane }) => lane);
      trace.stacks.push(stack);
      const needs = new Map(command.stack.map((one) => [one.lane, one.needs]));
      open.push({ lane: '', stack, needs });
    } else if (command.type === 'mend') {
      if (open.some((one) => one.lane === command.lane)) trace.broken.push(`two at once in ${command.lane}`);
      open.push({ lane: command.lane });
      trace.peak = Math.max(trace.peak, open.filter((one) => !one.stack).length);
    } else if (command.type === 'closeLane') {
      apply({ type: 'laneEnded', lane: command.lane, outcome: state.lanes.get(command.lane)!.outcome! });
    }
  };
  for (const event of first.length ? first : [{ type: 'begin' } as const]) apply(event);
  for (let ends = 0; open.length; ends++) {
    const besides = world.meanwhile?.(ends);
    if (besides) apply(besides);
    if (!open.length) break;
    const [done] = open.splice(world.choose(open.length), 1);
    if (done!.task) {
      const outcome = world.outcome(done!.task);
      apply({
        type: 'taskSettled',
        task: done!.task,
        outcome,
        ...(outcome === 'failed' ? { reason: 'it broke' } : {}),
      });
    } else if (done!.stack) {
      const end = stackEnd(
        done!.stack,
        (lane) => world.landing(lane),
        (lane) => done!.needs!.get(lane)!,
      );
      trace.landed.push(...end.landed.map(({ lane }) => lane));
      apply({ type: 'stackEnded', ...end });
    } else {
      apply({ type: 'laneEnded', lane: done!.lane, outcome: world.mend?.(done!.lane) ?? 'unmended' });
    }
  }
  return trace;
}
