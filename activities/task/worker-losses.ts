import type { Attempt } from '../../db/task/attempts';
import { countWorkerLoss, olderSuspect, workerLosses } from '../../db/task/worker-losses';
import { TAKEN_UP_WITHIN_MS } from '../../domain/session/activity-limits';
import type { ActivityDependencies } from '../scope/dependencies';
import { fail } from '../scope/failure';
import type { Lease } from '../scope/lease';

/** More than an unlucky night brings: from here on it is the task that ends its worker. */
const MOST_LOSSES = 5;
/** From here on it goes on only while no other task does that may be to blame: who ends the worker then, is. */
const SUSPECT_FROM = 3;

/**
 * A task whose command ends the worker (`pkill node`, say) would be run again for ever, and every other session's work
 * would be interrupted with it. Null: it may go on; otherwise why it may not.
 * @throws ApplicationFailure `WorkerAtRisk` (retried) while an older suspect is at work.
 */
export async function tooManyLosses(
  { db }: ActivityDependencies,
  { attempt, lease }: { attempt: Attempt; lease: Lease },
): Promise<string | null> {
  const attemptId = attempt.id;
  const losses = lease.interrupted
    ? await countWorkerLoss(db, { attemptId, token: lease.token })
    : await workerLosses(db, attemptId);
  if (losses >= MOST_LOSSES)
    return `the worker was lost ${losses} times while it ran, and it got no further: it may be ending processes that are not its own`;
  if (losses < SUSPECT_FROM) return null;
  // It may not have counted the latest loss yet.
  const asOften = SUSPECT_FROM - 1;
  const older = await olderSuspect(db, { attemptId, losses: asOften, withinMs: TAKEN_UP_WITHIN_MS });
  if (older === null) return null;
  throw fail(
    'WorkerAtRisk',
    `the worker was lost ${losses} times while it ran, and T${older} ran as well: that one goes first, alone`,
  );
}
