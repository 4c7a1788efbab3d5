import { placeIn } from '../place-in';
import type { SchedulingMode } from '../model';
import type { LaneEntry, SchedulerState, TaskEntry } from './state';

/**
 * The order in which ready tasks start, as one comparator:
 * 1. the earlier batch, when batches are gates;
 * 2. the lower priority number;
 * 3. the longer chain of tasks that waits for it;
 * 4. the lower id.
 */
function compareReady(scheduling: SchedulingMode, a: TaskEntry, b: TaskEntry): number {
  return (
    (scheduling === 'batches' ? a.batch - b.batch : 0) ||
    a.priority - b.priority ||
    b.remaining - a.remaining ||
    a.id - b.id
  );
}

/** Inserts a task into its lane's sorted ready list. */
export function pushReady(state: SchedulerState, lane: LaneEntry, entry: TaskEntry): void {
  entry.state = 'ready';
  const isBefore = (id: number) => compareReady(state.config.scheduling, state.tasks.get(id)!, entry) < 0;
  lane.ready.splice(placeIn(lane.ready, isBefore), 0, entry.id);
}

/** Puts every lane's ready list in order. */
export function sortReady(state: SchedulerState): void {
  const entry = (id: number) => state.tasks.get(id)!;
  for (const lane of state.lanes.values())
    lane.ready.sort((a, b) => compareReady(state.config.scheduling, entry(a), entry(b)));
}

export function dropReady(lane: LaneEntry, task: number): void {
  const index = lane.ready.indexOf(task);
  if (index >= 0) lane.ready.splice(index, 1);
}

/** The task to start next, or null: the best of the free lanes' best. One writer per lane, always. */
export function nextTask(state: SchedulerState): TaskEntry | null {
  let best: TaskEntry | null = null;
  for (const lane of state.lanes.values()) {
    const first = lane.ready[0];
    if (first === undefined || lane.running !== null || lane.landing !== 'no' || lane.closing) continue;
    const entry = state.tasks.get(first)!;
    if (state.config.scheduling === 'batches' && entry.batch > state.batch) continue;
    if (!best || compareReady(state.config.scheduling, entry, best) < 0) best = entry;
  }
  return best;
}
