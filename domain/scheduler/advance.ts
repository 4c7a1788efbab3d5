import { nextTask } from './order';
import type { LaneEntry, LaneOutcome, SchedulerCommand, SchedulerState } from './state';

/** What can be done now that an event was taken in: start tasks, grant a landing, close lanes, finish. */
export function advance(state: SchedulerState): SchedulerCommand[] {
  if (state.finished) return [];
  const commands: SchedulerCommand[] = [];
  passBatchGate(state);
  if (state.stopping === 'no' && !state.paused) {
    startTasks(state, commands);
    queueLandings(state, commands);
    grantLanding(state, commands);
  }
  if (state.stopping === 'suspend' && state.running === 0 && state.landing === null) {
    closeLanes(state, commands);
  }
  if (isFinished(state)) {
    state.finished = true;
    commands.push({ type: 'finish' });
  }
  return commands;
}

function passBatchGate(state: SchedulerState): void {
  while (state.batch < state.batchOpen.length && !state.batchOpen[state.batch]) state.batch += 1;
}

function startTasks(state: SchedulerState, commands: SchedulerCommand[]): void {
  while (state.running < state.config.maxConcurrency) {
    const entry = nextTask(state);
    if (!entry) return;
    const lane = state.lanes.get(entry.lane)!;
    lane.ready.shift();
    lane.running = entry.id;
    lane.open = true;
    lane.outcome = null;
    entry.state = 'running';
    state.running += 1;
    commands.push({ type: 'startTask', task: entry.id, lane: lane.id });
  }
}

function queueLandings(state: SchedulerState, commands: SchedulerCommand[]): void {
  for (const lane of state.lanes.values()) {
    if (lane.unsettled > 0 || lane.landing !== 'no' || lane.outcome !== null) continue;
    const whole = isWhole(state, lane);
    if (lane.unlanded && (whole || lane.landsPartly)) {
      lane.landing = 'queued';
      state.landingQueue.push(lane.id);
    } else {
      settleLane(lane, whole ? 'nothing' : 'incomplete', commands);
    }
  }
}

function settleLane(lane: LaneEntry, outcome: LaneOutcome, commands: SchedulerCommand[]): void {
  lane.outcome = outcome;
  if (lane.open) commands.push({ type: 'closeLane', lane: lane.id });
}

/** Every task of the lane is done: only then does an epic land. */
export function isWhole(state: SchedulerState, lane: LaneEntry): boolean {
  return lane.tasks.every((id) => ['complete', 'skipped'].includes(state.tasks.get(id)!.state));
}

function grantLanding(state: SchedulerState, commands: SchedulerCommand[]): void {
  const next = state.landing === null ? state.landingQueue.shift() : undefined;
  if (next === undefined) return;
  const lane = state.lanes.get(next)!;
  state.landing = next;
  lane.landing = 'granted';
  lane.open = true;
  commands.push({ type: 'land', lane: next });
}

function closeLanes(state: SchedulerState, commands: SchedulerCommand[]): void {
  for (const lane of state.lanes.values()) {
    if (!lane.open || lane.outcome !== null) continue;
    settleLane(lane, 'suspended', commands);
  }
}

function isFinished(state: SchedulerState): boolean {
  const lanes = [...state.lanes.values()];
  if (state.running > 0 || lanes.some((lane) => lane.open)) return false;
  if (state.stopping !== 'no') return true;
  if (state.paused || state.landing !== null || state.landingQueue.length > 0) return false;
  return nextTask(state) === null && waitsFor(state).length === 0;
}

/** What a person has to settle before the session can end: task numbers and lanes. Empty unless asked to wait. */
export function waitsFor(state: SchedulerState): { task?: number; lane?: string; reason: string }[] {
  const waits: { task?: number; lane?: string; reason: string }[] = [];
  if (state.config.onFailure === 'wait') {
    for (const entry of state.tasks.values()) {
      if (entry.state === 'failed') waits.push({ task: entry.id, reason: entry.reason ?? 'failed' });
    }
  }
  for (const lane of state.lanes.values()) {
    if (waitsForMerge(state, lane)) waits.push({ lane: lane.id, reason: lane.reason ?? lane.outcome! });
  }
  return waits;
}

/** A merged tree that is red is a failure of the work; a conflict, or a checkout in the way, is not. */
function waitsForMerge({ config }: SchedulerState, { outcome }: LaneEntry): boolean {
  if (outcome === 'rejected') return config.onFailure === 'wait';
  return config.onConflict === 'wait' && (outcome === 'conflict' || outcome === 'blocked');
}
