import type { EventType, SessionEvent } from '../../domain/session/events';
import type { Queryable } from '../connection/connection';
import { storableJson } from '../connection/storable-json';
import { storableOrNull } from '../../domain/storable-text';

export interface NewEvent {
  sessionId: number;
  type: EventType;
  /** Numbers of the plan, where the event is about an epic or a task. */
  epic?: number | null;
  task?: number | null;
  data?: Record<string, unknown>;
  /** Names the event within its session: a second one with the same key is dropped. */
  key?: string;
}

/**
 * Records the event under the session's next number, and notifies. Returns the number, or null if the key had
 * been recorded. Locks the session's row until the transaction ends, so that numbers are committed in order:
 * append events last.
 */
export async function appendEvent(db: Queryable, event: NewEvent): Promise<number | null> {
  const { rows } = await db.query<{ seq: number | null }>(
    'select yokeflow.append_event($1, $2, $3, $4, $5, $6) as seq',
    [
      event.sessionId,
      event.type,
      event.epic ?? null,
      event.task ?? null,
      storableJson(event.data ?? {}),
      storableOrNull(event.key),
    ],
  );
  return rows[0]!.seq;
}

/** The number of a session's last event that is not of a type; 0 when there is none. */
export async function lastEvent(
  db: Pick<Queryable, 'query'>,
  { sessionId, except }: { sessionId: number; except: EventType },
): Promise<number> {
  const { rows } = await db.query<{ seq: number }>(
    'select coalesce(max(seq), 0) as seq from yokeflow.events where session_id = $1 and type <> $2',
    [sessionId, except],
  );
  return rows[0]!.seq;
}

/** Events after the number `after`, in order. */
export async function listEvents(
  db: Pick<Queryable, 'query'>,
  { sessionId, after = 0, limit = 1000 }: { sessionId: number; after?: number; limit?: number },
): Promise<SessionEvent[]> {
  const { rows } = await db.query<SessionEvent>(
    `select seq, type, session_id as "sessionId", epic_number as epic, task_number as task, created_at as at, data
     from yokeflow.events where session_id = $1 and seq > $2 order by seq limit $3`,
    [sessionId, after, limit],
  );
  return rows;
}
