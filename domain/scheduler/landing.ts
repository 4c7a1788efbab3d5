import { isFinished } from '../model';
import { endTrial, nextTrial, withdraw } from '../landing/merge-queue';
import { dependantLanes, isHeld, neededLanes } from './lane-graph';
import type {
  HeldLane,
  KeptLane,
  LandedLane,
  LaneEntry,
  LaneId,
  LaneOutcome,
  Mend,
  SchedulerCommand,
  SchedulerState,
  StackEnd,
} from './state';

/** An agent may try this often to get one lane landed, each time with all the tries that a task has. */
const MAX_MENDS = 3;

/** Puts lanes whose work is finished into the merge queue; what contains a lane that cannot land waits for that one. */
export function queueLandings(state: SchedulerState): SchedulerCommand[] {
  const commands: SchedulerCommand[] = [];
  const held = [...state.lanes.values()].some((lane) => isHeld(lane));
  for (const lane of state.lanes.values()) {
    if (lane.unsettled > 0 || lane.landing !== 'no' || lane.outcome !== null || lane.mend) continue;
    const whole = isWhole(state, lane);
    if (!lane.unlanded || !(whole || lane.landsPartly)) {
      commands.push(...settleLane(lane, whole ? 'nothing' : 'incomplete'));
      continue;
    }
    const by = held ? neededLanes(state, lane).find((other) => isHeld(other)) : undefined;
    if (by) commands.push(...waitFor(lane, by));
    else {
      lane.landing = 'queued';
      state.queue.waiting.push(lane.id);
    }
  }
  return commands;
}

/** How the reason begins why a lane waits for another one: once that has landed, it is no reason any more. */
export const containsCommitsOf = (lane: LaneId) => `${CONTAINS}${lane}, `;
const CONTAINS = 'contains commits of ';

/** Whether this is why a lane does not land: another one has to land before it. */
export const isBehindAnother = (reason: string): boolean => reason.startsWith(CONTAINS);

/** While an agent mends the other one, there is nothing to say yet. */
function waitFor(lane: LaneEntry, by: LaneEntry): SchedulerCommand[] {
  if (by.mend) return [];
  lane.blockedBy = by.id;
  lane.reason = `${containsCommitsOf(by.id)}which cannot land (${by.outcome})`;
  const { id, reason } = lane;
  return [{ type: 'holdLane', lane: id, outcome: 'blocked', reason }, ...settleLane(lane, 'blocked')];
}

/** The lane has ended, one way or the other; what of it is open closes. */
export function settleLane(lane: LaneEntry, outcome: LaneOutcome): SchedulerCommand[] {
  lane.outcome = outcome;
  return lane.open ? [closeLane(lane)] : [];
}

function closeLane(lane: LaneEntry): SchedulerCommand {
  lane.open = true;
  lane.closing = true;
  return { type: 'closeLane', lane: lane.id };
}

/** Every task of the lane is done: only then does an epic land. */
export function isWhole(state: SchedulerState, lane: LaneEntry): boolean {
  return lane.tasks.every((id) => isFinished(state.tasks.get(id)!.state));
}

export function startTrial(state: SchedulerState): SchedulerCommand[] {
  const needs = new Map<LaneId, LaneId[]>();
  const needsOf = (id: LaneId): LaneId[] => {
    const known = needs.get(id) ?? neededLanes(state, state.lanes.get(id)!).map((lane) => lane.id);
    needs.set(id, known);
    return known;
  };
  const several = state.queue.waiting.length > 1 || (state.queue.suspect?.stack.length ?? 0) > 1;
  const alone = state.config.pullRequests === true;
  const trial = nextTrial(state.queue, several ? needsOf : () => [], { alone });
  if (!trial) return [];
  for (const id of trial.stack) state.lanes.get(id)!.landing = 'granted';
  return [{ type: 'landStack', stack: withNeeds(trial.stack, needsOf) }];
}

/**
 * Which of those before it each lane of a stack contains, without what one of these contains as well: where that does not
 * land, neither does this one. A thousand epics that follow from each other fit the payload of an activity so.
 */
function withNeeds(stack: LaneId[], needsOf: (lane: LaneId) => LaneId[]) {
  const places = new Map(stack.map((lane, place) => [lane, place]));
  const contained = new Map<LaneId, LaneId[]>();
  return stack.map((lane, place) => {
    const before = place === 0 ? [] : needsOf(lane).filter((other) => (places.get(other) ?? place) < place);
    contained.set(lane, before);
    const known = new Set<LaneId>();
    // A later one contains an earlier one, never the other way round.
    const needs = [...before]
      .sort((a, b) => places.get(b)! - places.get(a)!)
      .filter((other) => {
        const is = known.has(other);
        if (!is) for (const one of contained.get(other)!) known.add(one);
        return !is;
      });
    return { lane, needs };
  });
}

/** Takes in how a stack fared: lanes that landed close, those that cannot are mended or left to a person. */
export function endStack(state: SchedulerState, end: StackEnd): SchedulerCommand[] {
  const { trial } = state.queue;
  if (!trial) return [];
  for (const id of trial.stack) state.lanes.get(id)!.landing = 'queued';
  const culprit = endTrial(state.queue, {
    landed: end.landed.map(({ lane }) => lane),
    held: end.held.map(({ lane }) => lane),
    deferred: end.deferred,
    red: end.red !== null,
  });
  if (state.stopping !== 'no') return stopTrial(state, trial.stack, end);
  const commands = end.landed.flatMap((landed) => landLane(state, landed));
  const cancelled = dropCancelled(state, trial.stack);
  for (const held of end.held) if (!cancelled.has(held.lane)) commands.push(...holdLane(state, held));
  if (culprit !== null && !cancelled.has(culprit))
    commands.push(...blame(state, state.lanes.get(culprit)!, end.red!));
  return commands;
}

/** What a person cancelled while it was on trial, and has not landed, is not tried again. */
function dropCancelled(state: SchedulerState, stack: LaneId[]): Set<LaneId> {
  const cancelled = stack.filter((id) => state.lanes.get(id)!.outcome === 'cancelled');
  for (const id of cancelled) {
    withdraw(state.queue, id);
    state.lanes.get(id)!.landing = 'no';
  }
  return new Set(cancelled);
}

function stopTrial(state: SchedulerState, stack: LaneId[], end: StackEnd): SchedulerCommand[] {
  for (const id of stack) state.lanes.get(id)!.landing = 'no';
  return end.landed.flatMap((landed) => landLane(state, landed));
}

function landLane(state: SchedulerState, { lane: id, outcome, reason }: LandedLane): SchedulerCommand[] {
  const lane = state.lanes.get(id)!;
  Object.assign(lane, { landing: 'no', unlanded: false, reason: reason ?? null, outcome });
  releaseDependants(state, lane);
  // Its worktree stays: there is nothing to clean up.
  if (outcome === 'proposed' && !lane.open) return [];
  return state.stopping === 'cancel' ? [] : [closeLane(lane)];
}

function holdLane(state: SchedulerState, { lane: id, outcome, reason, begun }: HeldLane): SchedulerCommand[] {
  const lane = state.lanes.get(id)!;
  lane.landing = 'no';
  withdrawDependants(state, lane);
  if (outcome === 'conflict' && !begun && mayMend(state, lane)) {
    lane.mend = { state: 'queued', outcome, reason };
    return [];
  }
  lane.reason = reason;
  // What stands in the way is on record by what found it; that nobody but a person settles a conflict is news.
  const news = outcome === 'conflict' && !begun;
  return [
    ...(news ? [{ type: 'holdLane' as const, lane: id, outcome, reason }] : []),
    ...settleLane(lane, outcome),
  ];
}

function blame(
  state: SchedulerState,
  lane: LaneEntry,
  { reason, verification, lost }: NonNullable<StackEnd['red']>,
): SchedulerCommand[] {
  lane.landing = 'no';
  withdrawDependants(state, lane);
  if (lost) {
    lane.reason = reason;
    return settleLane(lane, 'lost');
  }
  const mend: Mend = { state: 'queued', outcome: 'rejected', reason };
  if (verification !== undefined) mend.verification = verification;
  if (!mayMend(state, lane)) return giveUp(lane, mend);
  lane.mend = mend;
  return [];
}

const mayMend = ({ config }: SchedulerState, lane: LaneEntry): boolean =>
  config.onConflict === 'agent' && !lane.landsPartly && lane.mends < MAX_MENDS;

/**
 * What a session that goes on has to know of its lanes: one that waits for a person has had all its tries, and one that a
 * person cancelled does not land by itself.
 */
export function keptOf({ lanes }: SchedulerState): Record<LaneId, KeptLane> {
  const givenUp: (LaneOutcome | null)[] = ['conflict', 'rejected', 'unmended'];
  const kept: Record<LaneId, KeptLane> = {};
  for (const { id, outcome, mends } of lanes.values()) {
    if (outcome === 'cancelled') kept[id] = { cancelled: true };
    else if (givenUp.includes(outcome)) kept[id] = { mends: MAX_MENDS };
    else if (mends > 0) kept[id] = { mends };
  }
  return kept;
}

/** It waits for a person. */
export function giveUp(lane: LaneEntry, { outcome, reason, verification }: Mend): SchedulerCommand[] {
  lane.mend = null;
  lane.reason = reason;
  const hold = { type: 'holdLane', lane: lane.id, outcome, reason } as const;
  return [verification === undefined ? hold : { ...hold, verification }, ...settleLane(lane, outcome)];
}

/** What contains a lane that cannot land cannot land either. */
function withdrawDependants(state: SchedulerState, lane: LaneEntry): void {
  for (const other of dependantLanes(state, lane)) {
    if (other.landing !== 'queued') continue;
    withdraw(state.queue, other.id);
    other.landing = 'no';
  }
}

/** Lanes that wait for this one alone are free again. */
export function releaseDependants(state: SchedulerState, lane: LaneEntry): void {
  for (const other of state.lanes.values()) {
    if (other.blockedBy !== lane.id) continue;
    Object.assign(other, { blockedBy: null, outcome: null, reason: null });
    releaseDependants(state, other);
  }
}
