import { OPEN_SESSION_STATUSES } from '../../domain/model';
import type { Queryable } from '../connection/connection';
import { storableOrNull } from '../../domain/storable-text';
import { appendEvent } from '../events/events';

export interface SessionPause {
  sessionId: number;
  status: (typeof OPEN_SESSION_STATUSES)[number];
  reason?: string | null;
}

/** Pauses or resumes an open session; does nothing if it is so already, for the same reason, or has ended. */
export async function setSessionStatus(
  db: Queryable,
  { sessionId, status, ...pause }: SessionPause,
): Promise<void> {
  const reason = storableOrNull(pause.reason);
  await db.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `update yokeflow.sessions set status = $2, status_reason = $3
       where id = $1 and status = any($4)
         and (status <> $2 or $2 = 'paused' and status_reason is distinct from $3)`,
      [sessionId, status, status === 'paused' ? reason : null, OPEN_SESSION_STATUSES],
    );
    if (rowCount === 0) return;
    const data = { paused: status === 'paused', reason };
    await appendEvent(tx, { sessionId, type: 'session_paused', data });
  });
}
