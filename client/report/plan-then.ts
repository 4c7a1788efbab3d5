import type { StoredPlan } from '../../db/plan/plan-load';
import type { StoredTask } from '../../db/task/stored-task';
import type { Attempt } from '../../db/task/attempts';
import type { SessionSummary } from '../../db/session/summary';
import type { TaskStatus } from '../../domain/model';
import type { EventType, SessionEvent } from '../../domain/session/events';
import { statusCounts } from '../../domain/task/status-counts';
import { spentByTask } from './spent';

const STATUSES: Partial<Record<EventType, TaskStatus>> = {
  task_started: 'pending',
  task_complete: 'complete',
  task_failed: 'failed',
  task_blocked: 'blocked',
};

interface Then {
  plan: StoredPlan;
  summary: SessionSummary;
}

/** The plan as an older session left it: what its own events tell, and which tasks were complete before. */
export function planThen(
  { plan, summary }: Then,
  { attempts, events }: { attempts: readonly Attempt[]; events: readonly SessionEvent[] },
): Then {
  const told = new Map<number, TaskStatus>();
  for (const { task, type } of events) {
    const status = STATUSES[type];
    if (task !== null && status) told.set(task, status);
  }
  const spent = spentByTask(attempts);
  const end = Date.parse(summary.session.endedAt ?? summary.session.startedAt);
  const epics = plan.epics.map((epic) => ({
    ...epic,
    tasks: epic.tasks.map((task) => {
      const status = told.get(task.number) ?? statusUntold(task, end);
      return { ...task, status, statusReason: null, costUsd: spent.get(task.number)?.costUsd ?? 0 };
    }),
  }));
  const tasks = epics.flatMap((epic) => epic.tasks);
  const statuses = new Map(tasks.map(({ number, status }) => [number, status]));
  const inShort = summary.epics.map((epic) => ({
    ...epic,
    tasks: epic.tasks.map((task) => ({ ...task, ...then(statuses.get(task.number) ?? task.status) })),
  }));
  return {
    plan: { ...plan, epics },
    summary: { ...summary, tasks: statusCounts(tasks), epics: inShort },
  };
}

/** Why it has another status now says nothing of then. */
const then = (status: TaskStatus) => ({ status, reason: null, output: null });

/** Of a task that the session did not touch. When one was skipped is not on record. */
function statusUntold({ status, completedAt }: StoredTask, end: number): TaskStatus {
  if (completedAt !== null && Date.parse(completedAt) <= end) return 'complete';
  return status === 'skipped' ? 'skipped' : 'pending';
}
