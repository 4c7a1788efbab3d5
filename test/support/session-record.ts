import type { LaneRow, OpenedSession, TaskRow } from '../../activities/scope/contract';
import type { SchedulerCommand, SchedulerEvent } from '../../domain/scheduler';
import type { RandomTask } from './random-plan';

export type RecordedStatus = 'pending' | 'complete' | 'failed' | 'blocked' | 'skipped';

/** What PostgreSQL and git know of a session, made of nothing but what the real one puts there. */
export interface SessionRecord {
  sees(what: SchedulerEvent | SchedulerCommand): void;
  status(task: number): RecordedStatus;
  /** Why it is not done. */
  reason(task: number): string | undefined;
  /** Whether the lane has a finished commit that the base branch lacks. */
  unlanded(lane: string): boolean;
  /** As `openSession` answers. */
  opened(): OpenedSession;
}

export function sessionRecord(plan: RandomTask[], { parallel }: { parallel: boolean }): SessionRecord {
  const status = new Map<number, RecordedStatus>(plan.map(({ id }) => [id, 'pending']));
  const reasons = new Map<number, string>();
  const onBase = new Set<number>();

  /** As in db/task/task-status.ts: a task moves only from where it may. */
  const move = (task: number, to: RecordedStatus, from: RecordedStatus[], reason = ''): void => {
    if (!from.includes(status.get(task)!)) return;
    status.set(task, to);
    reasons.set(task, reason);
  };

  const laneOf = ({ epic }: RandomTask) => (parallel ? `epic-${epic}` : 'sequential');

  /** A worktree begins with the commits of what its task needs. */
  const land = (task: number): void => {
    if (onBase.has(task)) return;
    if (status.get(task) === 'complete') onBase.add(task);
    plan[task - 1]!.dependsOn.forEach(land);
  };

  const finishedIn = (lane: string): number[] =>
    plan.filter((task) => laneOf(task) === lane && status.get(task.id) === 'complete').map(({ id }) => id);
  const unlanded = (lane: string) => finishedIn(lane).some((task) => !onBase.has(task));

  const laneRow = (epic: number | null, lane: string): LaneRow => ({
    epic,
    name: lane,
    unlanded: unlanded(lane),
  });

  return {
    status: (task) => status.get(task)!,
    reason: (task) => reasons.get(task),
    unlanded,
    sees(what) {
      if (what.type === 'taskSettled') {
        if (what.outcome === 'complete') move(what.task, 'complete', ['pending']);
        if (what.outcome === 'failed') move(what.task, 'failed', ['pending'], what.reason);
      } else if (what.type === 'countAsDone') move(what.task, 'skipped', ['pending', 'failed', 'blocked']);
      else if (what.type === 'failTask') move(what.task, 'failed', ['pending', 'blocked'], what.reason);
      else if (what.type === 'blockTasks')
        for (const { task, reason } of what.tasks) move(task, 'blocked', ['pending'], reason);
      else if (what.type === 'unblockTasks')
        for (const task of what.tasks) move(task, 'pending', ['blocked', 'failed', 'skipped']);
      else if (what.type === 'stackEnded') for (const { lane } of what.landed) finishedIn(lane).forEach(land);
    },
    opened: () => {
      const epics = [...new Set(plan.map(({ epic }) => epic))].sort((a, b) => a - b);
      const tasks = plan.map((task): TaskRow => {
        const is = status.get(task.id)!;
        return {
          ...task,
          finished: is === 'complete' || is === 'skipped',
          ...(is === 'failed' || is === 'blocked'
            ? { stopped: { as: is, reason: reasons.get(task.id)! } }
            : {}),
          title: `Task ${task.id}`,
          agent: 'script',
        };
      });
      return {
        sessionId: 1,
        baseBranch: 'main',
        costUsd: 0,
        lanes: [...epics.map((epic) => laneRow(epic, `epic-${epic}`)), laneRow(null, 'sequential')],
        page: { tasks, next: null },
      };
    },
  };
}
