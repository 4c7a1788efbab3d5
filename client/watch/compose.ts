import { isFinished } from '../../domain/model';
import type { ParallelBatch } from '../../db/events/batches';
import type { RunningAttempt } from '../../db/task/running-attempts';
import type { SessionSummary, TaskSummary } from '../../db/session/summary';
import { forecast, type OpenTask } from '../../domain/plan/forecast';
import type { GraphTask } from '../../domain/graph/graph';
import type { NextStep } from '../status/next-step';
import { firstLine } from '../text/units';
import { lanePictures } from './lanes';
import type { Picture } from './picture';

/** What the database and Temporal know at one moment. */
export interface Sighting {
  summary: SessionSummary;
  steps: NextStep[];
  batches: readonly ParallelBatch[];
  attempts: readonly RunningAttempt[];
  actions: ReadonlyMap<number, string>;
  /** The plan's tasks and what they depend on. */
  graph: readonly (GraphTask & { epic: number })[];
}

/** What the events told. */
export interface Told {
  merging: ReadonlySet<number>;
  recent: readonly string[];
  notices: readonly string[];
}

/** The picture of a session at one moment. */
export function compose(sighting: Sighting, told: Told, now: number): Picture {
  const { summary, steps, batches, attempts, actions, graph } = sighting;
  const { session, tasks } = summary;
  const status = new Map(summary.epics.flatMap((epic) => epic.tasks).map((task) => [task.number, task]));
  const end = session.endedAt === null ? now : Date.parse(session.endedAt);
  return {
    project: session.project,
    sessionId: session.id,
    status: session.status,
    reason: session.statusReason ? firstLine(session.statusReason) : null,
    elapsedMs: Math.max(end - Date.parse(session.startedAt), 0),
    costUsd: session.totalCostUsd,
    costUnknown: session.costUnknown,
    tasks: {
      total: status.size,
      done: tasks.complete + tasks.skipped,
      failed: tasks.failed,
      blocked: tasks.blocked,
    },
    agents: attempts.length,
    batches: batches.map(({ number, tasks: members }) => ({
      number,
      settled: members.filter((task) => !isOpen(status.get(task))).length,
      total: members.length,
    })),
    lanes: lanePictures(summary, {
      now,
      attempts,
      actions,
      merging: told.merging,
      unmet: unmetDependencies(graph, status),
    }),
    forecast: forecastOf({ summary, graph, attempts, status }, now),
    steps,
    recent: [...told.recent],
    notices: [...told.notices],
  };
}

type Statuses = ReadonlyMap<number, TaskSummary>;

const isOpen = (task: TaskSummary | undefined) => task?.status === 'pending' || task?.status === 'running';
const isDone = (task: TaskSummary | undefined) => task !== undefined && isFinished(task.status);

function unmetDependencies(graph: Sighting['graph'], status: Statuses): Map<number, number[]> {
  return new Map(
    graph.map(({ id, dependsOn }) => [
      id,
      dependsOn.flatMap(({ task, type }) => (type === 'hard' && !isDone(status.get(task)) ? [task] : [])),
    ]),
  );
}

/** A task that takes longer than most is taken to be nearly done. */
const LEAST_LEFT = 0.1;

function forecastOf(
  {
    summary,
    graph,
    attempts,
    status,
  }: Pick<Sighting, 'summary' | 'graph' | 'attempts'> & { status: Statuses },
  now: number,
): Picture['forecast'] {
  const { options, status: state } = summary.session;
  const times = [...status.values()].flatMap(({ status, durationMs }) =>
    status === 'complete' && durationMs !== null ? [durationMs] : [],
  );
  if (!times.length || (state !== 'running' && state !== 'paused')) return null;
  const usual = Math.max(times.reduce((sum, ms) => sum + ms, 0) / times.length, 1);
  const since = new Map(attempts.map(({ task, startedAt }) => [task, Date.parse(startedAt)]));
  const left = (task: number) => {
    const started = since.get(task);
    return started === undefined ? usual : Math.max(usual - (now - started), usual * LEAST_LEFT);
  };
  const asked = Array.isArray(options.epics) ? new Set<unknown>(options.epics) : null;
  const open = graph
    .filter(({ id, epic }) => isOpen(status.get(id)) && (asked === null || asked.has(epic)))
    .map((task): OpenTask => ({ ...task, ms: left(task.id) }));
  if (!open.length) return null;
  const agents = options.parallel === true ? Number(options.maxConcurrency) || 1 : 1;
  return forecast(open, agents);
}
