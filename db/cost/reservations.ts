import type { Queryable } from '../connection/connection';
import { fence, fenceQuery, type AttemptToken } from '../worktree/fence';
import { spendingRoom, type SpendingRoom } from './spending-room';

export interface CallNeed {
  /** Nano-dollars without which the call is not worth making. */
  leastNano: number;
  /** What it should have while other calls are under way: they soon give back what they do not use. */
  comfortNano: number;
  /** The most that it can cost. */
  mostNano: number;
}

export type Reservation =
  | { kind: 'granted'; nano: number }
  /** Calls of other attempts hold what is missing: worth asking again when they are through. */
  | { kind: 'busy' }
  | { kind: 'held'; room: SpendingRoom };

/**
 * Sets money aside for the attempt's next call, at most its worst case, so that all calls under way together stay
 * within the budgets. It is given back with the call's record (`recordTurn`) or by `releaseReservation`; what a dead
 * attempt had set aside is free as soon as its lease is stale. Asked again, it takes the place of what the attempt had
 * set aside before. Throws `LeaseLost`.
 */
export async function reserve(
  db: Queryable,
  { attemptId, token, staleAfterMs, ...need }: AttemptToken & CallNeed & { staleAfterMs: number },
): Promise<Reservation> {
  return db.transaction(async (tx) => {
    await fence(tx, { attemptId, token });
    // Whoever reserves or records next waits for this one, and sees what it took.
    await tx.query(
      `select from yokeflow.sessions where id = (
         select session_id from yokeflow.task_attempts where id = $1
       ) for no key update`,
      [attemptId],
    );
    const room = await spendingRoom(tx, { attemptId, staleAfterMs });
    const decision = decide(room, need);
    if (decision.kind === 'granted')
      await tx.query('update yokeflow.task_attempts set in_flight_nano = $2 where id = $1', [
        attemptId,
        decision.nano,
      ]);
    return decision;
  });
}

function decide(room: SpendingRoom, { leastNano, comfortNano, mostNano }: CallNeed) {
  const { leftNano, othersInFlightNano, leftAloneNano } = room;
  if (leftNano === null || leftAloneNano === null) return { kind: 'granted' as const, nano: mostNano };
  const comfort = othersInFlightNano > 0 ? Math.min(comfortNano, mostNano, leftAloneNano) : leastNano;
  const enough = Math.max(comfort, leastNano);
  if (leftNano >= enough) return { kind: 'granted' as const, nano: Math.min(leftNano, mostNano) };
  if (othersInFlightNano > 0 && leftAloneNano >= leastNano) return { kind: 'busy' as const };
  return { kind: 'held' as const, room };
}

/**
 * What an attempt has set aside when somebody takes it up is for a call that was cut off, with its worker: it counts as
 * uncertain from now on. Returns how much that is.
 */
export async function settleInterrupted(db: Queryable, { attemptId, token }: AttemptToken): Promise<number> {
  const { rows } = await db.query<{ nano: number }>(
    `with held as (${fenceQuery('$1', '$2')}),
       before as (select id, in_flight_nano as nano from yokeflow.task_attempts where id = $1)
     update yokeflow.task_attempts a
     set uncertain_nano = a.uncertain_nano + a.in_flight_nano, in_flight_nano = 0
     from before where a.id = before.id and before.nano > 0 and exists (select from held) returning before.nano`,
    [attemptId, token],
  );
  return rows[0]?.nano ?? 0;
}

/** The call cost nothing: it was never accepted. Throws `LeaseLost`. */
export async function releaseReservation(db: Queryable, attempt: AttemptToken): Promise<void> {
  await db.transaction(async (tx) => {
    await fence(tx, attempt);
    await tx.query('update yokeflow.task_attempts set in_flight_nano = 0 where id = $1', [attempt.attemptId]);
  });
}
