import { OPEN_SESSION_STATUSES, type SessionStatus } from '../../domain/model';
import { abandonAttempts } from '../task/attempt-end';
import type { Queryable } from '../connection/connection';
import { storableOrNull } from '../../domain/storable-text';
import { appendEvent } from '../events/events';
import { getSession, type Session } from './sessions';
import { countTasks } from '../task/task-counts';

type OpenStatus = (typeof OPEN_SESSION_STATUSES)[number];

export interface SessionEnd {
  sessionId: number;
  status: Exclude<SessionStatus, OpenStatus>;
  reason?: string | null;
  /** Pages of the pull requests that wait for somebody. */
  pullRequests?: string[];
}

/** Ends a session and what still runs in it. The first end counts: one that has ended is returned as it is. */
export async function closeSession(
  db: Queryable,
  { sessionId, status, pullRequests = [], ...end }: SessionEnd,
): Promise<Session> {
  const reason = storableOrNull(end.reason);
  return db.transaction(async (tx) => {
    await abandonAttempts(tx, {
      sessionId,
      status: status === 'cancelled' ? 'cancelled' : 'abandoned',
      reason: reason ?? `the session ended (${status})`,
    });
    const { rowCount } = await tx.query(
      `update yokeflow.sessions set status = $2, status_reason = $3, ended_at = clock_timestamp()
       where id = $1 and status = any($4)`,
      [sessionId, status, reason, OPEN_SESSION_STATUSES],
    );
    const session = await getSession(tx, sessionId);
    if (rowCount === 0) return session;
    const { durationSeconds, totalCostUsd: costUsd, costUnknown: unknown } = session;
    const tasks = await countTasks(tx, session.projectId);
    const idle = !(await hasWorked(tx, sessionId));
    const data = {
      status,
      reason,
      durationSeconds,
      costUsd,
      tasks,
      ...(pullRequests.length ? { pullRequests } : {}),
      ...(idle ? { idle } : {}),
      ...(unknown ? { unknown } : {}),
    };
    await appendEvent(tx, { sessionId, type: 'session_complete', data });
    return getSession(tx, sessionId);
  });
}

/** Whether an agent ran in the session, or a merge was tried. */
export async function hasWorked(db: Queryable, sessionId: number): Promise<boolean> {
  const { rows } = await db.query<{ worked: boolean }>(
    `select exists (select from yokeflow.task_attempts where session_id = $1) or exists (
       select from yokeflow.events where session_id = $1 and type in ('merge_started', 'epic_merged')
     ) as worked`,
    [sessionId],
  );
  return rows[0]!.worked;
}
