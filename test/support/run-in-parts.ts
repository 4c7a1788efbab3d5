import type { RunOptions } from '../../domain/session/run-input';
import {
  keptOf,
  stopperOf,
  type LaneOutcome,
  type SchedulerCommand,
  type SchedulerEvent,
  type SchedulerState,
} from '../../domain/scheduler';
import { loadPlan } from '../../workflows/plan-source';
import { random } from './random';
import type { RandomTask } from './random-plan';
import { play, type World } from './scheduler-run';
import { sessionRecord, type SessionRecord } from './session-record';

/** How everything would end, whenever it is tried. */
export interface Nature {
  failing: number[];
  /** By epic, from 1; the sequential lane is as the first. */
  landings: { outcome: 'landed' | 'conflict' | 'blocked' | 'rejected'; mendable: boolean }[];
}

/** Something that a person asks for, at the next end after so many. `pick` says of which task or lane. */
export interface Wish {
  at: number;
  kind:
    | 'skipTask'
    | 'cancelTask'
    | 'cancelEpic'
    | 'retryTask'
    | 'retryLanding'
    | 'pause'
    | 'resume'
    | 'setMaxConcurrency';
  pick: number;
}

export interface Script {
  options: RunOptions;
  nature: Nature;
  /** Of the order in which things end. */
  seed: number;
  /** After how many ends each part of the session is suspended: each has a fresh history. */
  parts: number[];
  wishes?: Wish[];
}

export interface PartedRun {
  record: SessionRecord;
  state: SchedulerState;
  started: number[];
  broken: string[];
  /** How often it went on with a fresh history. */
  suspended: number;
  ends: number;
}

/** As `workflows/run-project.ts` restores what a session carries along. */
const restored = ({ pauseReason, config: { maxConcurrency } }: SchedulerState): SchedulerEvent[] => [
  pauseReason ? { type: 'pause', reason: pauseReason } : { type: 'resume' },
  { type: 'setMaxConcurrency', maxConcurrency },
];

const epicOf = (lane: string) => (lane === 'sequential' ? 1 : Number(lane.slice('epic-'.length)));
export const natureOf = ({ landings }: Nature, lane: string) => landings[epicOf(lane) - 1]!;

/** What a person may ask for as things stand: what `workflows/control.ts` lets through. */
function allowed(state: SchedulerState, { kind, pick }: Wish): SchedulerEvent | null {
  const tasks = [...state.tasks.values()];
  const oneOf = <T>(list: T[]): T | undefined => list[pick % (list.length || 1)];
  const taskIn = (...states: string[]) => tasks.filter((entry) => states.includes(entry.state));
  if (kind === 'pause' || kind === 'resume') return { type: kind };
  if (kind === 'setMaxConcurrency') return { type: kind, maxConcurrency: (pick % 4) + 1 };
  if (kind === 'cancelEpic') {
    // Its workflow is cancelled, which is open then, and has not been told to end.
    const lane = oneOf([...state.lanes.values()].filter(({ open, closing }) => open && !closing));
    return lane ? { type: 'laneEnded', lane: lane.id, outcome: 'cancelled' } : null;
  }
  if (kind === 'retryLanding') {
    const lane = oneOf(
      [...state.lanes.values()].filter(({ outcome }) =>
        ['conflict', 'blocked', 'rejected', 'lost'].includes(outcome ?? ''),
      ),
    );
    return lane ? { type: kind, lane: lane.id } : null;
  }
  const choices = {
    retryTask: () => taskIn('failed', 'blocked').filter((entry) => !stopperOf(state, entry)),
    skipTask: () => taskIn('waiting', 'ready', 'failed', 'blocked'),
    cancelTask: () => taskIn('waiting', 'ready', 'running'),
  };
  const entry = oneOf(choices[kind]());
  return entry ? { type: kind, task: entry.id } : null;
}

/** A whole session, part by part, until nothing is left to do or only a person can help. */
export async function runInParts(
  plan: RandomTask[],
  { options, nature, seed, parts, wishes = [] }: Script,
): Promise<PartedRun> {
  const record = sessionRecord(plan, options);
  const started: number[] = [];
  const broken: string[] = [];
  const cancelled = new Set<number>();
  const cancelledLanes = new Set<string>();
  const mended = new Set<string>();
  const left = [...wishes].sort((a, b) => a.at - b.at);
  let state = (await loadPlan(options, record.opened(), { goesOn: false })).state;
  let events: SchedulerEvent[] = [{ type: 'begin' }];
  let ends = 0;
  let suspended = 0;
  let picked = 0;

  const sees = (what: SchedulerEvent | SchedulerCommand) => {
    record.sees(what);
    if (what.type === 'startTask') {
      started.push(what.task);
      cancelled.delete(what.task);
      if (cancelledLanes.has(state.tasks.get(what.task)!.lane))
        broken.push(`T${what.task} started: its epic was cancelled`);
      const is = record.status(what.task);
      const before = plan[what.task - 1]!.dependsOn.map((id) => record.status(id));
      if (is !== 'pending' || before.some((one) => one !== 'complete' && one !== 'skipped'))
        broken.push(`T${what.task} started: it is ${is}, and what it needs is ${before.join()}`);
    } else if (what.type === 'cancelTask' && 'lane' in what) cancelled.add(what.task);
    else if (what.type === 'laneEnded' && what.outcome === 'cancelled') {
      if (!state.lanes.get(what.lane)!.mend) cancelledLanes.add(what.lane);
    } else if (what.type === 'unblockTasks')
      for (const task of what.tasks) {
        const { lane, state: now } = state.tasks.get(task)!;
        if (now !== 'blocked') cancelledLanes.delete(lane);
      }
    else if (what.type === 'landStack')
      for (const { lane } of what.stack)
        if (cancelledLanes.has(lane)) broken.push(`${lane} is to land, and was cancelled`);
  };
  const world = (suspendAt: number | undefined): World => {
    const until = suspendAt === undefined ? Infinity : ends + suspendAt;
    return {
      choose: (count) => Math.floor(random(seed, (picked += 1)) * count),
      outcome: (task) => (cancelled.has(task) || nature.failing.includes(task) ? 'failed' : 'complete'),
      landing(lane): LaneOutcome {
        if (!record.unlanded(lane)) return 'nothing';
        return mended.has(lane) ? 'landed' : natureOf(nature, lane).outcome;
      },
      mend(lane) {
        if (!natureOf(nature, lane).mendable) return 'unmended';
        mended.add(lane);
        return 'mended';
      },
      meanwhile() {
        ends += 1;
        if (ends > until && state.stopping === 'no') return { type: 'stop', how: 'suspend' };
        const wish = left[0] && left[0].at < ends ? left.shift() : undefined;
        return wish ? allowed(state, wish) : null;
      },
      sees,
    };
  };

  for (const suspendAt of [...parts, undefined]) {
    const part = world(suspendAt);
    const go = (...on: SchedulerEvent[]) =>
      broken.push(...play(state, part, ...(on as [SchedulerEvent])).broken);
    go(...events);
    // It is paused, or waits for a person: then it may well be suspended, too.
    if (!state.finished && suspendAt !== undefined) go({ type: 'stop', how: 'suspend' });
    while (!state.finished && state.paused) go({ type: 'resume' });
    if (state.stopping === 'no') break;
    if (!state.finished) broken.push('it was not suspended');
    suspended += 1;
    events = [...restored(state), { type: 'begin' }];
    const kept = keptOf(state);
    state = (await loadPlan(options, record.opened(), { goesOn: true, kept })).state;
  }
  return { record, state, started, broken, suspended, ends };
}
