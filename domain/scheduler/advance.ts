import { isIdle } from '../landing/merge-queue';
import { queueLandings, settleLane, startTrial } from './landing';
import { nextTask } from './order';
import type { LaneEntry, SchedulerCommand, SchedulerState } from './state';

/** Temporal allows a workflow 2,000 open children, and as many signals and cancellations that are on their way to them. */
const MOST_OPEN = 1_000;

/** What can be done now that an event was taken in: start tasks, land what is done, close lanes, finish. */
export function advance(state: SchedulerState): SchedulerCommand[] {
  const commands: SchedulerCommand[] = [];
  passBatchGate(state);
  if (state.stopping === 'no' && !state.paused) {
    startMends(state, commands);
    startTasks(state, commands);
    commands.push(...queueLandings(state), ...startTrial(state));
  }
  if (state.stopping === 'no') closeIdle(state, commands);
  if (state.stopping === 'suspend' && state.running === 0 && state.queue.trial === null) {
    closeLanes(state, commands);
  }
  // What a person asked for at the last moment may give it something to do again.
  const finished = isOver(state);
  if (finished && !state.finished) commands.push({ type: 'finish' });
  state.finished = finished;
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

/** An agent that mends a lane is an agent that runs: it takes a slot, and before any task, since others may wait for it. */
function startMends(state: SchedulerState, commands: SchedulerCommand[]): void {
  for (const lane of state.lanes.values()) {
    if (state.running >= state.config.maxConcurrency) return;
    const { mend } = lane;
    if (mend?.state !== 'queued' || lane.closing) continue;
    mend.state = 'running';
    lane.mends += 1;
    lane.open = true;
    state.running += 1;
    const { verification } = mend;
    commands.push({ type: 'mend', lane: lane.id, ...(verification === undefined ? {} : { verification }) });
  }
}

/** Such a lane is opened again by its next task, an agent that mends it, or its clean-up. */
function closeIdle({ lanes, config }: SchedulerState, commands: SchedulerCommand[]): void {
  const open = [...lanes.values()].filter((lane) => lane.open && !lane.closing);
  let more = open.length - (config.mostOpen ?? MOST_OPEN);
  for (const lane of open) {
    if (more <= 0) return;
    const busy = lane.running !== null || lane.mend !== null || lane.landing === 'granted';
    if (busy || lane.outcome !== null) continue;
    commands.push(...settleLane(lane, 'suspended'));
    more -= 1;
  }
}

function closeLanes(state: SchedulerState, commands: SchedulerCommand[]): void {
  for (const lane of state.lanes.values()) {
    if (!lane.open || lane.outcome !== null) continue;
    commands.push(...settleLane(lane, 'suspended'));
  }
}

function isOver(state: SchedulerState): boolean {
  const lanes = [...state.lanes.values()];
  if (state.running > 0 || state.queue.trial !== null || lanes.some((lane) => lane.open)) return false;
  if (state.stopping !== 'no') return true;
  if (state.paused || !isIdle(state.queue) || lanes.some((lane) => lane.mend)) return false;
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
function waitsForMerge({ config }: SchedulerState, { outcome, blockedBy }: LaneEntry): boolean {
  // What waits for another lane goes on with that one.
  if (blockedBy !== null) return false;
  if (outcome === 'rejected') return config.onFailure === 'wait';
  return config.onConflict === 'wait' && (outcome === 'conflict' || outcome === 'blocked');
}
