import type { Attempt } from '../db/attempts';
import { countWorkerLoss } from '../db/worker-losses';
import type { ActivityDependencies } from './dependencies';
import type { Lease } from './lease';

/** More than an unlucky night brings: from here on it is the task that ends its worker. */
const MOST_LOSSES = 5;

/**
 * A task whose command ends the worker (`pkill node`, say) would be run again for ever, and every other session's work
 * would be interrupted with it. Null: it may go on; otherwise why it may not.
 */
export async function tooManyLosses(
  { db }: ActivityDependencies,
  { attempt, lease }: { attempt: Attempt; lease: Lease },
): Promise<string | null> {
  if (!lease.interrupted) return null;
  const losses = await countWorkerLoss(db, { attemptId: attempt.id, token: lease.token });
  if (losses < MOST_LOSSES) return null;
  return `the worker was lost ${losses} times while it ran, and it got no further: it may be ending processes that are not its own`;
}
