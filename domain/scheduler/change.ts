import { withdraw } from '../merge-queue';
import { blockDependants, closeTask, isStopper, meetDependants } from './blocking';
import { enroll, entryOf } from './create';
import { compareReady, dropReady, pushReady } from './order';
import type { ScheduledTask, SchedulerCommand, SchedulerState, TaskEntry } from './state';

/**
 * Takes in how the plan is now: tasks that are new join the session; those that have not started take over their
 * priority and dependencies, or leave when the plan has them no longer. What runs or has ended stays as it is.
 */
export function changePlan(state: SchedulerState, tasks: readonly ScheduledTask[]): SchedulerCommand[] {
  const fresh = tasks.filter(({ id }) => !state.tasks.has(id)).map(entryOf);
  for (const entry of fresh) state.tasks.set(entry.id, entry);
  removeMissing(state, tasks);
  const relinked = [...fresh];
  for (const task of tasks) {
    const entry = state.tasks.get(task.id)!;
    entry.batch = task.batch;
    entry.remaining = task.remaining;
    if (!isOpen(entry)) continue;
    entry.priority = task.priority;
    const same = String([...entry.dependsOn].sort()) === String([...task.dependsOn].sort());
    if (same && !fresh.includes(entry)) continue;
    relink(state, entry, task.dependsOn);
    if (!fresh.includes(entry)) relinked.push(entry);
  }
  for (const entry of fresh) join(state, entry);
  for (const entry of relinked) settleReadiness(state, entry);
  recount(state);
  const needed = new Set(relinked.flatMap((entry) => entry.dependsOn));
  return blockDependants(
    state,
    [...needed].map((id) => state.tasks.get(id)!).filter((entry) => isStopper(entry.state)),
  );
}

const isOpen = ({ state }: TaskEntry) => state === 'waiting' || state === 'ready';
const isDone = ({ state }: TaskEntry) => state === 'complete' || state === 'skipped';

function removeMissing(state: SchedulerState, tasks: readonly ScheduledTask[]): void {
  const known = new Set(tasks.map(({ id }) => id));
  for (const entry of state.tasks.values()) {
    if (known.has(entry.id) || !isOpen(entry)) continue;
    closeTask(state, entry, 'skipped', 'the plan has it no longer');
    meetDependants(state, entry);
  }
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
    if (!isDone(other)) entry.unmet += 1;
  }
}

/** An epic that waits to land is not whole any more; one that lands now is opened again afterwards. */
function join(state: SchedulerState, entry: TaskEntry): void {
  enroll(state, entry);
  if (entry.standing !== 'todo') return;
  const lane = state.lanes.get(entry.lane)!;
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
    const unsettled = now === 'waiting' || now === 'ready' || now === 'running';
    state.batchOpen[batch] = (state.batchOpen[batch] ?? 0) + (unsettled ? 1 : 0);
  }
  const entry = (id: number) => state.tasks.get(id)!;
  for (const lane of state.lanes.values())
    lane.ready.sort((a, b) => compareReady(state.config.scheduling, entry(a), entry(b)));
}
