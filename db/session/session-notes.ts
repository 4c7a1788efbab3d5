import { createHash } from 'node:crypto';
import type { Queryable } from '../connection/connection';
import { appendEvent } from '../events/events';

/** Something that a person should know at the session's end: recorded once, however often it is found. */
export async function noteFor(
  db: Queryable,
  { sessionId, task, note }: { sessionId: number; task?: number; note: string },
): Promise<void> {
  const data = { reason: note, note };
  // No index takes a key of any length.
  const key = `note:${createHash('sha256').update(note).digest('hex')}`;
  await appendEvent(db, { sessionId, type: 'attention_needed', task, data, key });
}

export async function sessionNotes(db: Queryable, sessionId: number, most: number): Promise<string[]> {
  const { rows } = await db.query<{ note: string }>(
    `select data ->> 'note' as note from yokeflow.events
     where session_id = $1 and type = 'attention_needed' and data ? 'note' order by seq limit $2`,
    [sessionId, most],
  );
  return rows.map(({ note }) => note);
}
