import type { LaneEntry, SchedulerState, TaskEntry } from './state';

/** True while a lane cannot land, for a reason that also holds for what contains its commits. */
export const isHeld = ({ mend, outcome }: LaneEntry): boolean =>
  mend !== null || outcome === 'conflict' || outcome === 'blocked' || outcome === 'rejected';

/** The lanes whose commits a lane contains, since its tasks depend on theirs. */
export const neededLanes = (state: SchedulerState, lane: LaneEntry): LaneEntry[] =>
  reached(state, lane, (entry) => entry.dependsOn);

/** The lanes that contain commits of this one. */
export const dependantLanes = (state: SchedulerState, lane: LaneEntry): LaneEntry[] =>
  reached(state, lane, (entry) => entry.dependants);

function reached(state: SchedulerState, lane: LaneEntry, next: (entry: TaskEntry) => number[]): LaneEntry[] {
  const seen = new Set(lane.tasks);
  const lanes = new Set<LaneEntry>();
  const open = [...lane.tasks];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const entry = state.tasks.get(id)!;
    if (entry.lane !== lane.id) lanes.add(state.lanes.get(entry.lane)!);
    for (const other of next(entry)) {
      if (seen.has(other)) continue;
      seen.add(other);
      open.push(other);
    }
  }
  return [...lanes];
}
