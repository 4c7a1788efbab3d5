import { isFinished } from '../model';
import { withdraw } from '../landing/merge-queue';
import {
  blockAllDependants,
  closeTask,
  freeDependants,
  isSettled,
  isStopper,
  meetDependants,
  reopenTask,
  sayAnew,
} from './blocking';
import { enroll, entryOf, newLane } from './create';
import { dropReady, pushReady, sortReady } from './order';
import type { LaneEntry, LaneId, ScheduledTask, SchedulerCommand, SchedulerState, TaskEntry } from './state';

/**
 * Takes in how the plan is now: tasks that are new join the session; those that have neither started nor ended well take
 * over their epic, priority and dependencies, or leave when the plan has them no longer. What runs or is done stays as it is.
 * @param again failed and blocked tasks that are to be tried again, since their definition changed
 */
export function changePlan(
  state: SchedulerState,
  { tasks, again = [] }: { tasks: readonly ScheduledTask[]; again?: readonly number[] },
): SchedulerCommand[] {
  const fresh = tasks.filter(({ id }) => !state.tasks.has(id)).map(entryOf);
  for (const entry of fresh) state.tasks.set(entry.id, entry);
  removeMissing(state, tasks);
  const relinked = [...fresh];
  for (const task of tasks) {
    const entry = state.tasks.get(task.id)!;
    entry.batch = task.batch;
    entry.remaining = task.remaining;
    if (!isOpen(entry) && !isStopped(entry)) continue;
    entry.priority = task.priority;
    const moves = entry.lane !== task.lane;
    if (moves) move(state, entry, task.lane);
    const same = String([...entry.dependsOn].sort()) === String([...task.dependsOn].sort());
    if (same && !moves && !fresh.includes(entry)) continue;
    relink(state, entry, task.dependsOn);
    if (!fresh.includes(entry)) relinked.push(entry);
  }
  for (const entry of fresh) join(state, entry);
  const open = reopen(state, again, relinked);
  for (const entry of relinked) settleReadiness(state, entry);
  recount(state);
  return consequences(state, open);
}

const isOpen = ({ state }: TaskEntry) => state === 'waiting' || state === 'ready';
const isStopped = ({ state }: TaskEntry) => state === 'failed' || state === 'blocked';

function removeMissing(state: SchedulerState, tasks: readonly ScheduledTask[]): void {
  const known = new Set(tasks.map(({ id }) => id));
  for (const entry of state.tasks.values()) {
    if (known.has(entry.id) || !(isOpen(entry) || isStopped(entry))) continue;
    closeTask(state, entry, 'skipped', 'the plan has it no longer');
    leave(state.lanes.get(entry.lane)!);
    meetDependants(state, entry);
  }
}

/**
 * What failed or was blocked waits again where its definition changed, or where nothing stops it any more. Returns the
 * tasks of which the record does not say so yet.
 */
function reopen(state: SchedulerState, again: readonly number[], relinked: readonly TaskEntry[]): number[] {
  const asked = again.map((id) => state.tasks.get(id)!).filter(isStopped);
  const loose = relinked.filter((entry) => entry.state === 'blocked' && !isHeldBack(state, entry));
  for (const entry of [...asked, ...loose]) reopenTask(state, entry);
  return [
    ...loose.filter((entry) => !asked.includes(entry)).map(({ id }) => id),
    ...[...asked, ...loose].flatMap((entry) => freeDependants(state, entry).freed),
  ];
}

const isHeldBack = (state: SchedulerState, { dependsOn }: TaskEntry) =>
  dependsOn.some((id) => isStopper(state.tasks.get(id)!.state));

/** Blocks what is still stopped, or stopped now. */
function consequences(state: SchedulerState, open: readonly number[]): SchedulerCommand[] {
  const blocked = blockAllDependants(state);
  const tasks = open.filter((id) => state.tasks.get(id)!.state !== 'blocked');
  return [
    ...(tasks.length ? [{ type: 'unblockTasks' as const, tasks }] : []),
    ...sayAnew(state, state.tasks.values()),
    ...blocked,
  ];
}

function relink(state: SchedulerState, entry: TaskEntry, dependsOn: readonly number[]): void {
  for (const id of entry.dependsOn) {
    const other = state.tasks.get(id);
    if (other) other.dependants = other.dependants.filter((dependant) => dependant !== entry.id);
  }
  entry.dependsOn = [...dependsOn];
  entry.unmet = 0;
  for (const id of dependsOn) {
    const other = state.tasks.get(id);
    if (!other) throw new RangeError(`task ${entry.id} depends on task ${id}, which does not exist`);
    other.dependants.push(entry.id);
    if (!isFinished(other.state)) entry.unmet += 1;
  }
}

/** What a task has left may be whole without it. */
function leave(lane: LaneEntry): void {
  if (!lane.open && lane.outcome === 'incomplete') lane.outcome = null;
}

/** To another epic's lane, and worktree. It is ready there once its dependencies have been looked at. */
function move(state: SchedulerState, entry: TaskEntry, to: LaneId): void {
  const from = state.lanes.get(entry.lane)!;
  dropReady(from, entry.id);
  from.tasks = from.tasks.filter((id) => id !== entry.id);
  if (isOpen(entry)) from.unsettled -= 1;
  leave(from);
  const lane = state.lanes.get(to) ?? newLane({ id: to, unlanded: false });
  state.lanes.set(to, lane);
  entry.lane = to;
  lane.tasks.push(entry.id);
  if (isOpen(entry)) {
    entry.state = 'waiting';
    lane.unsettled += 1;
  }
  reopenLane(state, lane);
}

function join(state: SchedulerState, entry: TaskEntry): void {
  enroll(state, entry);
  if (entry.standing === 'todo') reopenLane(state, state.lanes.get(entry.lane)!);
}

/** An epic that waits to land is not whole any more; one that lands now is opened again afterwards. */
function reopenLane(state: SchedulerState, lane: LaneEntry): void {
  // The second half of a red stack is as good as on trial: it lands, or not, before the task starts.
  if (lane.landing === 'queued' && !state.queue.trial?.rest.includes(lane.id)) {
    withdraw(state.queue, lane.id);
    lane.landing = 'no';
  }
  if (lane.landing === 'no') Object.assign(lane, { outcome: null, blockedBy: null });
}

function settleReadiness(state: SchedulerState, entry: TaskEntry): void {
  const lane = state.lanes.get(entry.lane)!;
  if (entry.state === 'ready' && entry.unmet > 0) {
    dropReady(lane, entry.id);
    entry.state = 'waiting';
  } else if (entry.state === 'waiting' && entry.unmet === 0) pushReady(state, lane, entry);
}

/** Batches are numbered anew, so their counts are made anew; the gate finds its place by itself. */
function recount(state: SchedulerState): void {
  state.batchOpen = [];
  state.batch = 1;
  for (const { state: now, batch } of state.tasks.values()) {
    state.batchOpen[batch] = (state.batchOpen[batch] ?? 0) + (isSettled(now) ? 0 : 1);
  }
  sortReady(state);
}
