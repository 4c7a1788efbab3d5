import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentRequest, Budget, CallNeed, Grant } from '../../agents/contract/agent';
import { releaseReservation, reserve } from '../../db/cost/reservations';
import { spendingRoom } from '../../db/cost/spending-room';
import type { ActivityDependencies } from '../scope/dependencies';
import { STALE_AFTER_MS } from '../scope/lease';
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
  return {
    async budget(): Promise<Budget> {
      const { leftNano, scope } = await spendingRoom(db, { ...owner, staleAfterMs: STALE_AFTER_MS });
      return { remainingNano: leftNano, scope };
    },
    async reserve(need: CallNeed): Promise<Grant> {
      let interruptedNano = 0;
      for (;;) {
        const answer = await reserve(db, { ...owner, ...need, staleAfterMs: STALE_AFTER_MS });
        interruptedNano += answer.interruptedNano;
        if (answer.kind === 'granted') return { ...answer, interruptedNano };
        if (answer.kind === 'held') {
          const { scope, leftAloneNano, uncertainNano } = answer.room;
          return { kind: 'held', interruptedNano, scope, remainingNano: leftAloneNano ?? 0, uncertainNano };
        }
        onWait();
        await sleep(LOOK_AGAIN_MS, undefined, { signal: lease.signal });
      }
    },
    release: () => releaseReservation(db, owner),
  };
}
