import { dropReady, pushReady } from './order';
import type { SchedulerCommand, SchedulerState, TaskEntry, TaskState } from './state';

const STOPPERS: Partial<Record<TaskState, string>> = {
  failed: 'which failed',
  blocked: 'which is blocked',
  excluded: 'which is not part of this session',
};

/** Whether a task in this state keeps its dependants from starting. */
export const isStopper = (state: TaskState): boolean => STOPPERS[state] !== undefined;

/** Whether a task in this state neither runs nor waits to run. */
export const isSettled = (state: TaskState) =>
  state !== 'waiting' && state !== 'ready' && state !== 'running';

/** Marks a task as settled in the counts of its lane and its batch. */
export function closeTask(
  state: SchedulerState,
  entry: TaskEntry,
  as: TaskState,
  reason: string | null = null,
): void {
  if (!isSettled(entry.state)) {
    state.lanes.get(entry.lane)!.unsettled -= 1;
    state.batchOpen[entry.batch]! -= 1;
  }
  dropReady(state.lanes.get(entry.lane)!, entry.id);
  entry.state = as;
  entry.reason = reason;
}

/** Takes a settled task back into the session. */
export function reopenTask(state: SchedulerState, entry: TaskEntry): void {
  if (!isSettled(entry.state)) return;
  const lane = state.lanes.get(entry.lane)!;
  lane.unsettled += 1;
  lane.outcome = null;
  state.batchOpen[entry.batch]! += 1;
  state.batch = Math.min(state.batch, entry.batch);
  entry.state = 'waiting';
  entry.reason = null;
  entry.lost = 0;
  if (entry.unmet === 0) pushReady(state, lane, entry);
}

/** Everything that waits for `from`, directly or not, can no longer start: each learns which task stops it. */
export function blockDependants(state: SchedulerState, from: TaskEntry[]): SchedulerCommand[] {
  const blocked: { task: number; reason: string }[] = [];
  const queue = [...from];
  for (let entry = queue.pop(); entry; entry = queue.pop()) {
    for (const id of entry.dependants) {
      const dependant = state.tasks.get(id)!;
      if (isSettled(dependant.state) || dependant.state === 'running') continue;
      const reason = stoppedBy(entry);
      closeTask(state, dependant, 'blocked', reason);
      blocked.push({ task: id, reason });
      queue.push(dependant);
    }
  }
  return blocked.length ? [{ type: 'blockTasks', tasks: blocked }] : [];
}

/** The same for everything that a stopped task of the session keeps from starting. */
export const blockAllDependants = (state: SchedulerState): SchedulerCommand[] =>
  blockDependants(
    state,
    [...state.tasks.values()].filter((entry) => isStopper(entry.state)),
  );

const STOPPED_BY = 'depends on ';
const stoppedBy = ({ id, state }: TaskEntry) => `${STOPPED_BY}T${id}, ${STOPPERS[state]}`;

const stoppersOf = (state: SchedulerState, entry: TaskEntry): TaskEntry[] =>
  entry.state === 'blocked'
    ? entry.dependsOn.map((id) => state.tasks.get(id)!).filter((other) => isStopper(other.state))
    : [];

/** The task that keeps a blocked one from running, directly; null when it was blocked for a reason of its own. */
export const stopperOf = (state: SchedulerState, entry: TaskEntry): TaskEntry | null =>
  stoppersOf(state, entry)[0] ?? null;

/** The reverse: dependants of `from` that nothing stops any more wait again; what stops the others is said anew. */
export function unblockDependants(state: SchedulerState, from: TaskEntry): SchedulerCommand[] {
  const { freed, stopped } = freeDependants(state, from);
  return [
    ...(freed.length ? [{ type: 'unblockTasks' as const, tasks: freed }] : []),
    ...sayAnew(state, stopped),
  ];
}

/** `stopped`: those that something else stops. */
export function freeDependants(
  state: SchedulerState,
  from: TaskEntry,
): { freed: number[]; stopped: Set<TaskEntry> } {
  const freed: number[] = [];
  const stopped = new Set<TaskEntry>();
  const queue = [from];
  for (let entry = queue.pop(); entry; entry = queue.pop()) {
    for (const id of entry.dependants) {
      const dependant = state.tasks.get(id)!;
      if (dependant.state !== 'blocked') continue;
      if (stopperOf(state, dependant)) {
        stopped.add(dependant);
        continue;
      }
      // Whoever cancelled an epic says when it goes on.
      if (state.lanes.get(dependant.lane)!.outcome === 'cancelled') continue;
      reopenTask(state, dependant);
      freed.push(id);
      queue.push(dependant);
    }
  }
  return { freed, stopped };
}

/** Of two tasks that stop another, the one that was named may do so no more. */
export function sayAnew(state: SchedulerState, entries: Iterable<TaskEntry>): SchedulerCommand[] {
  const tasks: { task: number; reason: string }[] = [];
  for (const entry of entries) {
    const reasons = stoppersOf(state, entry).map(stoppedBy);
    const [reason] = reasons;
    if (!reason || !entry.reason?.startsWith(STOPPED_BY) || reasons.includes(entry.reason)) continue;
    entry.reason = reason;
    tasks.push({ task: entry.id, reason });
  }
  if (!tasks.length) return [];
  // On record a blocked task has the reason for which it became one.
  return [
    { type: 'unblockTasks', tasks: tasks.map(({ task }) => task) },
    { type: 'blockTasks', tasks },
  ];
}

/** A hard dependency of its dependants is met: those with no other unmet one become ready. */
export function meetDependants(state: SchedulerState, entry: TaskEntry): void {
  for (const id of entry.dependants) {
    const dependant = state.tasks.get(id)!;
    dependant.unmet -= 1;
    if (dependant.unmet === 0 && dependant.state === 'waiting') {
      pushReady(state, state.lanes.get(dependant.lane)!, dependant);
    }
  }
}
