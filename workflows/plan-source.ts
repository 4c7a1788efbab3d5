import type { LaneRow, OpenedSession, TaskPage, TaskRow } from '../activities/scope/contract';
import { startOf } from '../domain/cut-text';
import { describeCycles, resolve } from '../domain/graph/graph';
import { pullRequestName } from '../domain/landing/pull-request';
import type { RunOptions } from '../domain/session/run-input';
import {
  createScheduler,
  type KeptLane,
  type LaneId,
  type ScheduledTask,
  type SchedulerState,
} from '../domain/scheduler';
import { refusal } from './failure';
import { laneId } from './messages';
import { short } from './proxies';

export interface SessionPlan {
  sessionId: number;
  state: SchedulerState;
  batches: number[][];
  titles: Map<number, { title: string; agent: string }>;
  /** Lane id to epic: the number, null for the sequential lane, and the name. */
  lanes: Map<string, { epic: number | null; name: string }>;
}

/** Of the sequential lane: null. */
export const epicOf = ({ lanes }: SessionPlan, lane: LaneId): number | null => lanes.get(lane)?.epic ?? null;

export interface Beginning {
  /** It had begun before, with another history: what failed has failed. */
  goesOn: boolean;
  /** What was known of its lanes by then. */
  kept?: Record<LaneId, KeptLane>;
}

/** Loads the plan in pages (10,000 tasks do not fit one payload), computes its batches and sets the scheduler up. */
export async function loadPlan(
  options: RunOptions,
  opened: OpenedSession,
  { goesOn, kept = {} }: Beginning,
): Promise<SessionPlan> {
  const rows = await allPages(opened.sessionId, opened.page);
  const graph = resolveOrRefuse(rows);
  const batches = graph.batches;
  // A session that begins tries everything that is not done; one that goes on has tried it.
  const known = goesOn ? rows : rows.map((row): TaskRow => ({ ...row, stopped: undefined }));
  const state = schedule(options, known, opened.lanes, graph, kept);
  return {
    sessionId: opened.sessionId,
    state,
    batches,
    titles: titlesOf(rows),
    lanes: lanesOf(opened.lanes),
  };
}

export type ChangedPlan = Pick<SessionPlan, 'batches' | 'titles' | 'lanes'> & {
  tasks: ScheduledTask[];
  /** Settled on record. An edit takes that away from a task that failed or was blocked. */
  settled: Set<number>;
};

/** The plan as it is now, for a session that has loaded an earlier one. */
export async function reloadPlan(options: RunOptions, sessionId: number): Promise<ChangedPlan> {
  const { lanes, page } = await short.reloadPlan({ sessionId });
  const rows = await allPages(sessionId, page);
  const graph = resolveOrRefuse(rows);
  return {
    batches: graph.batches,
    tasks: scheduledTasks(options, rows, graph),
    settled: new Set(rows.filter((row) => row.stopped || row.finished).map(({ id }) => id)),
    titles: titlesOf(rows),
    lanes: lanesOf(lanes),
  };
}

async function allPages(sessionId: number, first: TaskPage): Promise<TaskRow[]> {
  const rows = [...first.tasks];
  for (let { next } = first; next !== null;) {
    const page = await short.loadTasks({ sessionId, after: next });
    rows.push(...page.tasks);
    next = page.next;
  }
  return rows;
}

const titlesOf = (rows: TaskRow[]): SessionPlan['titles'] =>
  new Map(rows.map(({ id, title, agent }) => [id, { title, agent }]));

const lanesOf = (lanes: LaneRow[]): SessionPlan['lanes'] =>
  new Map(lanes.map(({ epic, name }) => [laneId(epic), { epic, name }]));

type Graph = ReturnType<typeof resolve>;

function resolveOrRefuse(rows: TaskRow[]): Graph {
  const graph = resolve(
    rows.map((row) => ({
      id: row.id,
      priority: row.priority,
      dependsOn: row.dependsOn.map((task) => ({ task, type: 'hard' as const })),
    })),
  );
  if (graph.cycles.length) {
    throw refusal('InvalidInput', startOf(describeCycles(graph.cycles), 1000));
  }
  const missing = graph.missing[0];
  if (missing) {
    throw refusal(
      'InvalidInput',
      `task ${missing.task} depends on task ${missing.dependency}, which does not exist`,
    );
  }
  return graph;
}

function scheduledTasks(options: RunOptions, rows: TaskRow[], graph: Graph): ScheduledTask[] {
  const batchOf = new Map(
    graph.batches.flatMap((batch, index) => batch.map((id) => [id, index + 1] as const)),
  );
  const included = (row: TaskRow) => !options.epics || options.epics.includes(row.epic);
  return rows.map((row): ScheduledTask => ({
    id: row.id,
    lane: laneId(options.parallel || row.finished ? row.epic : null),
    priority: row.priority,
    dependsOn: row.dependsOn,
    standing: row.finished ? 'finished' : included(row) ? 'todo' : 'excluded',
    ...(row.stopped ? { stopped: row.stopped } : {}),
    batch: batchOf.get(row.id)!,
    remaining: graph.remaining.get(row.id)!,
  }));
}

function schedule(
  options: RunOptions,
  rows: TaskRow[],
  lanes: LaneRow[],
  graph: Graph,
  keptLanes: Record<LaneId, KeptLane>,
): SchedulerState {
  const tasks = scheduledTasks(options, rows, graph);
  const asked = lanes.filter(
    (lane) => lane.epic === null || !options.epics || options.epics.includes(lane.epic),
  );
  return createScheduler(
    tasks,
    {
      maxConcurrency: options.parallel ? options.maxConcurrency : 1,
      scheduling: options.scheduling,
      onFailure: options.onFailure,
      onConflict: options.onConflict,
      ...(options.pullRequests ? { pullRequests: true } : {}),
    },
    asked.map(({ epic, unlanded, pullRequest }) => {
      const id = laneId(epic);
      const kept = keptLanes[id];
      return {
        ...{ id, unlanded, landsPartly: epic === null },
        ...(kept ? { kept } : {}),
        ...(pullRequest ? { proposed: pullRequestName(pullRequest) } : {}),
      };
    }),
  );
}
