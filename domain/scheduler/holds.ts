import type { LaneEntry, SchedulerCommand, SchedulerState, TaskEntry } from './state';

interface Hold {
  reason: string;
  outdated?: boolean;
}

/** One task that cannot go on for want of money holds the session: its siblings would only run into the same wall. */
export function holdTask(
  state: SchedulerState,
  entry: TaskEntry,
  { reason, outdated }: Hold,
): SchedulerCommand[] {
  if (entry.state !== 'running') return [];
  if (outdated) return [{ type: 'continueLane', lane: entry.lane }];
  entry.held = true;
  pauseFor(state, reason);
  return [];
}

/** Why a session is paused already stays as it is. */
function pauseFor(state: SchedulerState, reason: string): void {
  if (!state.paused) state.pauseReason = reason;
  state.paused = true;
}

export function holdMend(
  state: SchedulerState,
  { id, mend }: LaneEntry,
  { reason, outdated }: Hold,
): SchedulerCommand[] {
  if (mend?.state !== 'running') return [];
  if (outdated) return [{ type: 'continueLane', lane: id }];
  mend.state = 'held';
  pauseFor(state, reason);
  return [];
}

/** Of the pauses that a task or a merge asked for which could not go on. */
const HOLDS = /^(budget|limit|account): /;

/** What could not go on has been given up, such as a task that a person cancelled: if it was the last, nothing waits any more. */
export function endHold(state: SchedulerState): void {
  if (state.stopping !== 'no' || !HOLDS.test(state.pauseReason ?? '')) return;
  for (const { running, mend } of state.lanes.values())
    if (mend?.state === 'held' || (running !== null && state.tasks.get(running)!.held)) return;
  state.paused = false;
  state.pauseReason = null;
}

export function resume(state: SchedulerState): SchedulerCommand[] {
  state.paused = false;
  state.pauseReason = null;
  const held = [...state.lanes.values()].flatMap(({ running }) => {
    const entry = running === null ? undefined : state.tasks.get(running);
    return entry?.held ? [entry] : [];
  });
  for (const entry of held) entry.held = false;
  const mending = [...state.lanes.values()].filter(({ mend }) => mend?.state === 'held');
  for (const { mend } of mending) mend!.state = 'running';
  return [...held.map((entry) => entry.lane), ...mending.map((lane) => lane.id)].map((lane) => ({
    type: 'continueLane',
    lane,
  }));
}
