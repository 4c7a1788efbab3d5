import { advance } from './advance';
import {
  blockAllDependants,
  blockDependants,
  closeTask,
  isSettled,
  isStopper,
  meetDependants,
  reopenTask,
  unblockDependants,
} from './blocking';
import { changePlan } from './change';
import { endHold, holdMend, holdTask, resume } from './holds';
import { endStack, giveUp, isWhole, releaseDependants } from './landing';
import { pushReady } from './order';
import { withdraw } from '../landing/merge-queue';
import type {
  LaneEntry,
  LaneId,
  LaneOutcome,
  SchedulerCommand,
  SchedulerEvent,
  SchedulerState,
  TaskEntry,
} from './state';

/** A lane's workflow may end this often under one task, or while landing, before that is taken for a failure. */
const MAX_LOST = 3;

export const BY_PERSON = 'by a person';
/** Why a task failed that a person cancelled. */
export const CANCELLED_TASK = 'cancelled by a person';

/**
 * One step of the state machine: takes an event in and returns what to do about it. Deterministic, without I/O
 * or clock. It updates `state` in place (a copy of 10,000 tasks per event would cost more than the step), so a
 * caller keeps no older reference. An event that does not fit the state, such as the end of a task that does
 * not run, changes nothing.
 *
 * @throws RangeError when the event names a task or lane that the session does not have.
 */
export function step(state: SchedulerState, event: SchedulerEvent): SchedulerCommand[] {
  return [...takeIn(state, event), ...advance(state)];
}

function takeIn(state: SchedulerState, event: SchedulerEvent): SchedulerCommand[] {
  switch (event.type) {
    case 'begin':
      return blockAllDependants(state);
    case 'taskSettled':
      return settleTask(state, taskOf(state, event.task), event.outcome, event.reason ?? null);
    case 'laneEnded':
      return endLane(state, laneOf(state, event.lane), event);
    case 'taskHeld':
      return holdTask(state, taskOf(state, event.task), event);
    case 'pause':
      // Whoever asks for it has the last word over a budget or limit that paused before.
      state.paused = true;
      state.pauseReason = event.reason ?? BY_PERSON;
      return [];
    case 'resume':
      return event.from === undefined || state.pauseReason?.startsWith(event.from) ? resume(state) : [];
    case 'setMaxConcurrency':
      state.config = { ...state.config, maxConcurrency: event.maxConcurrency };
      return [];
    case 'retryTask':
      return retryTask(state, taskOf(state, event.task));
    case 'skipTask':
      return skipTask(state, taskOf(state, event.task));
    case 'cancelTask':
      return cancelTask(state, taskOf(state, event.task));
    case 'laneHeld':
      return holdMend(state, laneOf(state, event.lane), event);
    case 'stackEnded':
      return endStack(state, event);
    case 'retryLanding':
      return retryLanding(state, laneOf(state, event.lane));
    case 'planChanged':
      return changePlan(state, event);
    case 'stop':
      // A cancellation is for good: it may come when the session was about to be suspended.
      if (state.stopping === 'cancel') return [];
      state.stopping = event.how;
      return event.how === 'cancel' ? [{ type: 'cancelLanes' }] : [];
  }
}

function taskOf(state: SchedulerState, id: number): TaskEntry {
  const entry = state.tasks.get(id);
  if (!entry) throw new RangeError(`task ${id} is not part of this session`);
  return entry;
}

function laneOf(state: SchedulerState, id: LaneId): LaneEntry {
  const lane = state.lanes.get(id);
  if (!lane) throw new RangeError(`${id} is not part of this session`);
  return lane;
}

function settleTask(
  state: SchedulerState,
  entry: TaskEntry,
  outcome: 'complete' | 'failed' | 'cancelled',
  reason: string | null,
): SchedulerCommand[] {
  if (entry.state !== 'running') return [];
  const lane = laneOf(state, entry.lane);
  const { held } = entry;
  freeSlot(state, lane);
  if (outcome === 'cancelled') {
    pushReady(state, lane, entry);
    return [];
  }
  if (held) endHold(state);
  closeTask(state, entry, outcome, reason);
  if (outcome === 'failed') return blockDependants(state, [entry]);
  lane.unlanded = true;
  meetDependants(state, entry);
  return [];
}

function freeSlot(state: SchedulerState, lane: LaneEntry): void {
  Object.assign(taskOf(state, lane.running!), { held: false, stopping: false });
  lane.running = null;
  state.running -= 1;
}

function endLane(
  state: SchedulerState,
  lane: LaneEntry,
  event: Extract<SchedulerEvent, { type: 'laneEnded' }>,
): SchedulerCommand[] {
  lane.open = false;
  lane.closing = false;
  const commands: SchedulerCommand[] = [];
  // A session that is cancelled cancels its epics itself.
  const byPerson = event.outcome === 'cancelled' && state.stopping !== 'cancel';
  if (byPerson) commands.push(...cancelLane(state, lane));
  else if (lane.running !== null) commands.push(...loseTask(state, lane, event.reason ?? null));
  if (lane.mend && (byPerson || lane.mend.state !== 'queued')) commands.push(...endMend(state, lane, event));
  else if (byPerson && lane.outcome === 'suspended') lane.outcome = 'cancelled';
  // Any other end it was told, and what came of the lane since then counts.
  else if (event.outcome === 'cancelled') lane.outcome ??= 'cancelled';
  // Only its workflow was: its next task goes on with it.
  if (lane.outcome === 'suspended' && state.stopping === 'no') lane.outcome = null;
  // A person skipped what was missing while it closed.
  if (lane.outcome === 'incomplete' && isWhole(state, lane)) lane.outcome = null;
  return commands;
}

function endMend(
  state: SchedulerState,
  lane: LaneEntry,
  { outcome, reason }: { outcome: LaneOutcome; reason?: string },
): SchedulerCommand[] {
  const mend = lane.mend!;
  if (mend.state !== 'queued') state.running -= 1;
  if (state.stopping !== 'no' || outcome === 'mended') {
    lane.mend = null;
    if (outcome !== 'mended') lane.outcome = outcome;
    return [];
  }
  const found = outcome === 'unmended' || outcome === 'cancelled';
  if (!found) lane.lost += 1;
  if (found || lane.lost >= MAX_LOST) {
    const commands = giveUp(lane, { ...mend, reason: reason ?? mend.reason });
    if (mend.state === 'held') endHold(state);
    return commands;
  }
  mend.state = 'queued';
  return [];
}

/** A person says that it can land now, and with it whatever waits for it. */
function retryLanding(state: SchedulerState, lane: LaneEntry): SchedulerCommand[] {
  Object.assign(lane, { outcome: null, reason: null, blockedBy: null, mends: 0, lost: 0 });
  releaseDependants(state, lane);
  return [];
}

/** A person cancelled this epic alone: what it had not finished fails, so that it does not start again by itself. */
function cancelLane(state: SchedulerState, lane: LaneEntry): SchedulerCommand[] {
  const reason = 'its epic was cancelled';
  if (lane.running !== null) {
    const { held } = taskOf(state, lane.running);
    freeSlot(state, lane);
    if (held) endHold(state);
  }
  if (lane.landing === 'queued') {
    withdraw(state.queue, lane.id);
    lane.landing = 'no';
  }
  const left = lane.tasks
    .map((id) => taskOf(state, id))
    .filter(({ state: is }) => is === 'blocked' || !isSettled(is));
  const blocked = left.filter((entry) => entry.state === 'blocked').map((entry) => entry.id);
  for (const entry of left) closeTask(state, entry, 'blocked', reason);
  const tasks = left.map((entry) => ({ task: entry.id, reason }));
  return [
    // On record a blocked task has the reason for which it became one.
    ...(blocked.length ? [{ type: 'unblockTasks' as const, tasks: blocked }] : []),
    ...(tasks.length ? [{ type: 'blockTasks' as const, tasks }] : []),
    ...blockDependants(state, left),
  ];
}

function loseTask(state: SchedulerState, lane: LaneEntry, reason: string | null): SchedulerCommand[] {
  const entry = taskOf(state, lane.running!);
  entry.lost += 1;
  const again = entry.lost < MAX_LOST && !entry.stopping;
  if (again || state.stopping !== 'no') return settleTask(state, entry, 'cancelled', null);
  const ended = `the workflow of its epic ended ${MAX_LOST} times${reason ? `: ${reason}` : ''}`;
  const why = entry.stopping ? CANCELLED_TASK : ended;
  return [{ type: 'failTask', task: entry.id, reason: why }, ...settleTask(state, entry, 'failed', why)];
}

function retryTask(state: SchedulerState, entry: TaskEntry): SchedulerCommand[] {
  if (entry.state !== 'failed' && entry.state !== 'blocked') return [];
  reopenTask(state, entry);
  const freed = unblockDependants(state, entry);
  // What it needs may have failed after it was cancelled: it waits for that one as others do.
  const stoppers = entry.dependsOn.map((id) => taskOf(state, id)).filter((other) => isStopper(other.state));
  return [{ type: 'unblockTasks', tasks: [entry.id] }, ...freed, ...blockDependants(state, stoppers)];
}

function skipTask(state: SchedulerState, entry: TaskEntry): SchedulerCommand[] {
  if (!['waiting', 'ready', 'failed', 'blocked'].includes(entry.state)) return [];
  closeTask(state, entry, 'skipped', 'skipped by a person');
  const lane = laneOf(state, entry.lane);
  if (!lane.open && lane.outcome === 'incomplete') lane.outcome = null;
  meetDependants(state, entry);
  return [{ type: 'countAsDone', task: entry.id }, ...unblockDependants(state, entry)];
}

/** One that runs is stopped and then reported as failed; one that does not run yet fails at once. */
function cancelTask(state: SchedulerState, entry: TaskEntry): SchedulerCommand[] {
  if (entry.state === 'running') {
    entry.stopping = true;
    return [{ type: 'cancelTask', task: entry.id, lane: entry.lane }];
  }
  if (entry.state !== 'waiting' && entry.state !== 'ready') return [];
  closeTask(state, entry, 'failed', CANCELLED_TASK);
  return [{ type: 'failTask', task: entry.id, reason: CANCELLED_TASK }, ...blockDependants(state, [entry])];
}
