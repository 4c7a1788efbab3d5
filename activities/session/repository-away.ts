import { ApplicationFailure } from '@temporalio/common';
import { appendEvent } from '../../db/events/events';
import type { ActivityDependencies } from '../scope/dependencies';
import { fail } from '../scope/failure';

/**
 * What a failure comes to where the repository is away: a person is told once in a session. A cancelled session does not
 * wait for it: it may be gone for good.
 */
export async function withoutRepository(
  { db }: ActivityDependencies,
  failure: unknown,
  input: { sessionId?: number; cancelled?: boolean },
): Promise<unknown> {
  if (!(failure instanceof ApplicationFailure) || failure.type !== 'RepositoryAway') return failure;
  if (input.cancelled) return fail('RepositoryUnusable', failure.message);
  if (input.sessionId === undefined) return failure;
  await appendEvent(db, {
    sessionId: input.sessionId,
    type: 'attention_needed',
    data: { outcome: 'waiting', reason: failure.message },
    key: 'repository-away',
  }).catch(() => undefined);
  return failure;
}
