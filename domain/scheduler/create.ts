import { createMergeQueue } from '../landing/merge-queue';
import { sortReady } from './order';
import type {
  KeptLane,
  LaneEntry,
  LaneId,
  ScheduledTask,
  SchedulerConfig,
  SchedulerState,
  TaskEntry,
  TaskState,
} from './state';

export interface LaneStart {
  id: LaneId;
  /** An earlier session left commits in it that the base branch lacks. */
  unlanded: boolean;
  landsPartly?: boolean;
  /** The pull request that is open for all of its work. */
  proposed?: string;
  /** From before a continue-as-new. */
  kept?: KeptLane;
}

/** The scheduler's state before its first event. `lanes` may name lanes without a task of this session. */
export function createScheduler(
  tasks: ScheduledTask[],
  config: SchedulerConfig,
  lanes: LaneStart[] = [],
): SchedulerState {
  const state: SchedulerState = {
    config,
    tasks: new Map(tasks.map((task) => [task.id, entryOf(task)])),
    lanes: new Map(lanes.map((lane) => [lane.id, newLane(lane)])),
    running: 0,
    queue: createMergeQueue(),
    paused: false,
    pauseReason: null,
    stopping: 'no',
    batchOpen: [],
    batch: 1,
    finished: false,
  };
  for (const entry of state.tasks.values()) {
    link(state, entry);
    enroll(state, entry);
  }
  for (const { id, proposed, kept } of lanes) {
    const lane = state.lanes.get(id)!;
    if (lane.unsettled > 0) continue;
    if (proposed) Object.assign(lane, { outcome: 'proposed', reason: proposed });
    else if (kept?.cancelled) lane.outcome = 'cancelled';
  }
  sortReady(state);
  return state;
}

export const entryOf = (task: ScheduledTask): TaskEntry => ({
  ...task,
  state: stateOf(task),
  unmet: 0,
  dependants: [],
  reason: task.stopped?.reason ?? null,
  lost: 0,
  held: false,
  stopping: false,
});

function stateOf({ standing, stopped }: ScheduledTask): TaskState {
  if (standing === 'todo') return stopped?.as ?? 'waiting';
  return standing === 'finished' ? 'complete' : 'excluded';
}

export const newLane = ({ id, unlanded, landsPartly = false, kept }: LaneStart): LaneEntry => ({
  id,
  ready: [],
  running: null,
  unsettled: 0,
  unlanded,
  open: false,
  landing: 'no',
  closing: false,
  mend: null,
  mends: kept?.mends ?? 0,
  blockedBy: null,
  lost: 0,
  landsPartly,
  outcome: null,
  reason: null,
  tasks: [],
});

function link(state: SchedulerState, entry: TaskEntry): void {
  for (const dependency of entry.dependsOn) {
    const other = state.tasks.get(dependency);
    if (!other) throw new RangeError(`task ${entry.id} depends on task ${dependency}, which does not exist`);
    other.dependants.push(entry.id);
    if (other.standing !== 'finished') entry.unmet += 1;
  }
}

/** Counts a task in, in its lane and batch; it is ready when nothing is unmet. */
export function enroll(state: SchedulerState, entry: TaskEntry): void {
  const lane = state.lanes.get(entry.lane) ?? newLane({ id: entry.lane, unlanded: false });
  state.lanes.set(lane.id, lane);
  lane.tasks.push(entry.id);
  if (entry.state !== 'waiting') return;
  lane.unsettled += 1;
  state.batchOpen[entry.batch] = (state.batchOpen[entry.batch] ?? 0) + 1;
  if (entry.unmet === 0) {
    entry.state = 'ready';
    lane.ready.push(entry.id);
  }
}
