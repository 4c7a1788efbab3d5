import { ApplicationFailure } from '@temporalio/common';
import type { Queryable } from '../../db/connection/connection';
import { appendEvent, lastEvent } from '../../db/events/events';
import type { ActivityDependencies } from '../scope/dependencies';

/** What a failure comes to where the repository is away: a person is told once. */
export async function withoutRepository(
  { db }: ActivityDependencies,
  failure: unknown,
  input: { sessionId?: number },
): Promise<unknown> {
  if (!(failure instanceof ApplicationFailure) || failure.type !== 'RepositoryAway') return failure;
  if (input.sessionId === undefined) return failure;
  await tell(db, input.sessionId, failure.message).catch(() => undefined);
  return failure;
}

/** One absence ends when something happens again: of the next one a person is told anew. */
async function tell(db: Queryable, sessionId: number, reason: string): Promise<void> {
  const before = await lastEvent(db, { sessionId, except: 'attention_needed' });
  await appendEvent(db, {
    sessionId,
    type: 'attention_needed',
    data: { outcome: 'waiting', reason },
    key: `repository-away:${before}`,
  });
}
