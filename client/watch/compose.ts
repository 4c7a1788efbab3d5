import { isFinished } from '../../domain/model';
import type { ParallelBatch } from '../../db/events/batches';
import type { RunningAttempt } from '../../db/task/running-attempts';
import type { EpicSummary, SessionSummary, TaskSummary } from '../../db/session/summary';
import { leastTimeLeft, type OpenTask } from '../../domain/plan/least-time-left';
import type { GraphTask } from '../../domain/graph/graph';
import { statusCounts } from '../../domain/task/status-counts';
import type { NextStep } from '../status/next-step';
import type { Unlanded } from '../status/unlanded';
import { inSession } from '../status/next-steps';
import { firstLine } from '../text/units';
import { lanePictures } from './lanes';
import type { Picture } from './picture';

/** What the database and Temporal know at one moment. */
export interface Sighting {
  summary: SessionSummary;
  steps: NextStep[];
  unlanded: Unlanded;
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
  const { summary, steps, unlanded, batches, attempts, actions, graph } = sighting;
  const { session } = summary;
  const epics = summary.epics.filter(({ number }) => inSession(session, number));
  const [status, tasks] = [statusesIn(summary.epics), statusesIn(epics)];
  const { complete, skipped, failed, blocked } = statusCounts(tasks.values());
  const end = session.endedAt === null ? now : Date.parse(session.endedAt);
  return {
    project: session.project,
    sessionId: session.id,
    status: session.status,
    reason: session.statusReason ? firstLine(session.statusReason) : null,
    elapsedMs: Math.max(end - Date.parse(session.startedAt), 0),
    costUsd: session.totalCostUsd,
    costUnknown: session.costUnknown,
    tasks: { total: tasks.size, done: complete + skipped, failed, blocked },
    agents: attempts.length,
    batches: batches.map(({ number, tasks: all }) => {
      const members = all.filter((task) => tasks.has(task));
      return {
        number,
        settled: members.filter((task) => !isOpen(tasks.get(task))).length,
        total: members.length,
      };
    }),
    lanes: lanePictures(
      { ...summary, epics },
      {
        now,
        attempts,
        actions,
        merging: told.merging,
        unlanded,
        unmet: unmetDependencies(graph, status),
      },
    ),
    forecast: forecastOf({ session, graph, attempts, status, tasks }, now),
    steps,
    recent: [...told.recent],
    notices: [...told.notices],
  };
}

type Statuses = ReadonlyMap<number, TaskSummary>;

const statusesIn = (epics: readonly EpicSummary[]): Statuses =>
  new Map(epics.flatMap((epic) => epic.tasks).map((task) => [task.number, task]));

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
    session,
    graph,
    attempts,
    status,
    tasks,
  }: Pick<Sighting, 'graph' | 'attempts'> &
    Pick<SessionSummary, 'session'> & { status: Statuses; tasks: Statuses },
  now: number,
): Picture['forecast'] {
  const { options, status: state } = session;
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
  const open = graph
    .filter(({ id }) => isOpen(tasks.get(id)))
    .map((task): OpenTask => ({ ...task, ms: left(task.id) }));
  if (!open.length) return null;
  const agents = options.parallel === true ? Number(options.maxConcurrency) || 1 : 1;
  return leastTimeLeft(open, agents);
}
