import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentRequest, Budget, CallNeed, Grant } from '../../agents/contract/agent';
import { patiently } from '../../agents/contract/patience';
import { releaseReservation, reserve, settleInterrupted } from '../../db/cost/reservations';
import { spendingRoom } from '../../db/cost/spending-room';
import type { ActivityDependencies } from '../scope/dependencies';
import { STALE_AFTER_MS } from '../../domain/session/lease-times';
import type { TryScope } from '../scope/try-scope';

const LOOK_AGAIN_MS = 1_000;

type Purse = Pick<AgentRequest, 'budget' | 'reserve' | 'release'>;

/** The money of a try: what is left, read anew each time, and what is set aside for the call that is under way. */
export function purseOf(
  { db }: ActivityDependencies,
  { attempt, lease }: TryScope,
  onWait: () => void,
): Purse {
  const owner = { attemptId: attempt.id, token: lease.token };
  const surely = <T>(work: () => Promise<T>) => patiently(work, lease.signal);
  let takenUp = false;
  return {
    async budget(): Promise<Budget> {
      const { leftNano, scope } = await spendingRoom(db, { ...owner, staleAfterMs: STALE_AFTER_MS });
      return { remainingNano: leftNano, scope };
    },
    async reserve(need: CallNeed): Promise<Grant> {
      // Only before the first call: what is set aside later is this worker's own, whether it has heard of that or not.
      const interruptedNano = takenUp ? 0 : await surely(() => settleInterrupted(db, owner));
      takenUp = true;
      for (;;) {
        const answer = await surely(() => reserve(db, { ...owner, ...need, staleAfterMs: STALE_AFTER_MS }));
        if (answer.kind === 'granted') return { ...answer, interruptedNano };
        if (answer.kind === 'held') {
          const { scope, leftAloneNano, uncertainNano } = answer.room;
          return { kind: 'held', interruptedNano, scope, remainingNano: leftAloneNano ?? 0, uncertainNano };
        }
        onWait();
        await sleep(LOOK_AGAIN_MS, undefined, { signal: lease.signal });
      }
    },
    release: () => surely(() => releaseReservation(db, owner)),
  };
}
