import { startOf } from '../cut-text';
import { isFinished } from '../model';
import type { RunOptions } from './run-input';
import { waitsFor, type LaneEntry, type SchedulerState, type TaskState } from '../scheduler';

/** Reasons are the only part that a plan's size does not bound: with these, 10,000 tasks stay below the 2 MB of a payload. */
const MAX_REASONS = 500;
const MAX_WAITS = 200;
const REASON_LENGTH = 200;
const WAIT_LENGTH = 500;

/** What the `status` query answers: the whole picture of a session, as the workflow sees it now. */
export interface StatusView {
  project: string;
  sessionId: number | null;
  state: 'starting' | 'running' | 'paused' | 'stopping' | 'finished';
  parallel: boolean;
  /** USD; agents that work tell theirs every half a minute. */
  costUsd: number;
  /** What the session may cost; null: no limit. */
  budgetUsd: number | null;
  scheduling: string;
  maxConcurrency: number;
  running: number[];
  batches: { number: number; tasks: number[]; open: number }[];
  epics: EpicView[];
  /**
   * Which batch one is in, `batches` says, and saying it twice would bring 10,000 tasks over the 512 kB that Temporal
   * warns of. The first 500 of those that have a reason say it, as do 500 epics, in 200 characters; PostgreSQL has all of it.
   */
  tasks: { task: number; status: TaskState; reason?: string }[];
  /** What a person has to settle, and the commands that do it: each of them is enough. At most 200. */
  waits: { reason: string; commands: string[] }[];
}

export interface EpicView {
  /** `epic-<number>`, or `sequential`. */
  lane: string;
  name: string;
  status: string;
  running: number | null;
  done: number;
  total: number;
  costUsd: number;
  reason?: string;
}

export interface SessionFacts {
  project: string;
  sessionId: number | null;
  parallel: boolean;
  /** What it was started with. */
  options: Partial<RunOptions>;
  costUsd: number;
  budgetUsd: number | null;
  /** In this session, by task number. */
  taskCosts: ReadonlyMap<number, number>;
  laneNames: ReadonlyMap<string, string>;
  /** Tasks that started in this run of the workflow, by number. */
  started?: ReadonlyMap<number, StartedTask>;
}

export interface StartedTask {
  title: string;
  /** With its model, where it has one: `claude sonnet`. */
  agent: string;
  /** `14:03:22`, UTC. */
  since: string;
}

export function statusView(facts: SessionFacts, state: SchedulerState | null): StatusView {
  const base = {
    project: facts.project,
    sessionId: facts.sessionId,
    parallel: facts.parallel,
    costUsd: facts.costUsd,
    budgetUsd: facts.budgetUsd,
  };
  if (!state) {
    const nothing = { running: [], batches: [], epics: [], tasks: [], waits: [] };
    return { ...base, state: 'starting', scheduling: 'dependencies', maxConcurrency: 0, ...nothing };
  }
  const entries = [...state.tasks.values()];
  const [taskReason, epicReason] = [brief(), brief()];
  return {
    ...base,
    state: sessionState(state),
    scheduling: state.config.scheduling,
    maxConcurrency: state.config.maxConcurrency,
    running: entries.filter((entry) => entry.state === 'running').map((entry) => entry.id),
    batches: batchViews(state),
    epics: [...state.lanes.values()]
      .filter((lane) => takesPart(state, lane))
      .map((lane) => epicView(state, lane, facts))
      .map(({ reason, ...epic }) => ({ ...epic, ...epicReason(reason) })),
    tasks: entries.map(({ id, state: status, reason }) => ({ task: id, status, ...taskReason(reason) })),
    waits: waitViews(facts.project, state)
      .slice(-MAX_WAITS)
      .map(({ reason, commands }) => ({ reason: startOf(reason, WAIT_LENGTH), commands })),
  };
}

/** The reasons of the first of them, shortened. */
function brief() {
  let reasons = 0;
  return (reason: string | null | undefined) =>
    reason && reasons++ < MAX_REASONS ? { reason: startOf(reason, REASON_LENGTH) } : {};
}

export function sessionState(state: SchedulerState): StatusView['state'] {
  if (state.finished) return 'finished';
  if (state.stopping !== 'no') return 'stopping';
  return state.paused ? 'paused' : 'running';
}

function batchViews(state: SchedulerState): StatusView['batches'] {
  const batches: StatusView['batches'] = [];
  for (const entry of state.tasks.values()) {
    const batch = (batches[entry.batch - 1] ??= {
      number: entry.batch,
      tasks: [],
      open: state.batchOpen[entry.batch] ?? 0,
    });
    batch.tasks.push(entry.id);
  }
  return batches.filter(Boolean);
}

export function epicView(
  state: SchedulerState,
  lane: LaneEntry,
  { laneNames, taskCosts }: SessionFacts,
): EpicView {
  const done = lane.tasks.filter((id) => isFinished(state.tasks.get(id)!.state)).length;
  const name = laneNames.get(lane.id) ?? lane.id;
  const costUsd = lane.tasks.reduce((sum, id) => sum + (taskCosts.get(id) ?? 0), 0);
  const view = { lane: lane.id, name, running: lane.running, done, total: lane.tasks.length, costUsd };
  return { ...view, status: laneStatus(lane), ...reasonOf(lane) };
}

function reasonOf({ mend, reason }: LaneEntry): { reason?: string } {
  const why = mend?.reason ?? reason;
  return why ? { reason: why } : {};
}

/** A lane without work in this session would only be noise. */
export const takesPart = (state: SchedulerState, lane: LaneEntry): boolean =>
  lane.outcome === 'landed' ||
  lane.outcome === 'proposed' ||
  lane.unlanded ||
  lane.tasks.some((id) => state.tasks.get(id)!.state !== 'excluded');

function laneStatus(lane: LaneEntry): string {
  if (lane.outcome) return lane.outcome;
  if (lane.mend) return lane.mend.state === 'queued' ? 'waits to be mended' : 'mending';
  if (lane.landing === 'granted') return 'landing';
  if (lane.landing === 'queued') return 'waits to land';
  if (lane.running !== null) return 'running';
  return lane.unsettled > 0 ? 'waiting' : 'done';
}

/** A workflow that is over, or about to be, takes no update: then nothing is left to type. */
export const takesUpdates = ({ finished, stopping }: SchedulerState): boolean =>
  !finished && stopping !== 'cancel';

export function waitViews(project: string, state: SchedulerState): StatusView['waits'] {
  if (!takesUpdates(state)) return [];
  const waits: StatusView['waits'] = waitsFor(state).map(({ task, lane, reason }) => {
    if (task === undefined) {
      return { reason: `${lane}: ${reason}`, commands: [mergeCommand(project, lane!)] };
    }
    const commands = [update(project, 'retryTask', task), update(project, 'skipTask', task)];
    return { reason: `T${task} failed: ${reason}`, commands };
  });
  if (state.paused) waits.push(pauseWait(project, state));
  return waits;
}

/** Merges an epic again once a person has settled what kept it from landing. */
export function mergeCommand(project: string, lane: string): string {
  const epic = /^epic-(\d+)$/.exec(lane)?.[1];
  return update(project, 'retryMerge', epic ?? `'${JSON.stringify(lane)}'`);
}

/** A limit ends by itself, and `resume` only asks again sooner. */
function pauseWait(project: string, { pauseReason }: SchedulerState): StatusView['waits'][number] {
  const reason = `paused: ${pauseReason}`;
  if (!pauseReason?.startsWith('budget')) return { reason, commands: [update(project, 'resume')] };
  return { reason, commands: [update(project, 'setBudget', 'USD')] };
}

const update = (project: string, name: string, input?: string | number) =>
  `temporal workflow update execute -w yokeflow-${project} --name ${name}${input === undefined ? '' : ` --input ${input}`}`;
