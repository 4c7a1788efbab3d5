import type { Client } from '@temporalio/client';
import type { Database } from '../db/connection/connection';
import { closeSession } from '../db/session/session-close';
import { workflowEnd } from '../services/temporal/workflow-end';
import { askOfOpen } from './open-sessions';

export interface EndedSessionOptions {
  db: Database;
  client: Client;
  /** One line about what was closed. */
  log: (line: string) => void;
}

/**
 * Closes, whenever it is called, sessions that are on record as open and whose workflow had no time for that: it was
 * terminated, or an update of YokeFlow ended it. Otherwise nobody is told until somebody looks. What is seen for the first
 * time is left alone: its activities have yet to hear of it, and to put on record what they were at.
 */
export function closeEndedSessions({ db, client, log }: EndedSessionOptions): () => Promise<void> {
  let before = new Set<number>();
  return async () => {
    const ended = new Set<number>();
    const asked = askOfOpen({ db, client }, (session) => workflowEnd(client, session));
    for await (const { session, answer: end } of asked) {
      ended.add(session.id);
      if (!before.has(session.id)) continue;
      await closeSession(db, { sessionId: session.id, ...end });
      log(`session ${session.id} of ${session.project} is closed: ${end.reason}`);
    }
    before = ended;
  };
}
