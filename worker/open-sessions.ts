import type { Client } from '@temporalio/client';
import type { Queryable } from '../db/connection/connection';
import { listOpenSessions, type Session } from '../db/session/sessions';

const ANSWER_MS = 5_000;

export interface OpenSessions {
  db: Queryable;
  client: Client;
}

/**
 * Asks Temporal about each session that is on record as open. One of which it does not know, or does not answer within five
 * seconds, is left out, and keeps nobody from hearing of the others.
 */
export async function* askOfOpen<T>(
  { db, client }: OpenSessions,
  ask: (session: Session) => Promise<T | null>,
): AsyncGenerator<{ session: Session; answer: T }> {
  for (const session of await listOpenSessions(db)) {
    const answer = await client.withDeadline(Date.now() + ANSWER_MS, () => ask(session)).catch(() => null);
    if (answer !== null) yield { session, answer };
  }
}
