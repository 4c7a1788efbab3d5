import { CancellationScope } from '@temporalio/workflow';
import type { StackOutcome } from '../activities/scope/contract';
import { pullRequestName } from '../domain/landing/pull-request';
import type { LaneId, StackEnd } from '../domain/scheduler';
import { rootMessage } from './failure';
import { laneId } from './messages';
import { long, timeFor } from './proxies';

/** The way to the base branch: one stack of lanes at a time. */
export interface Gate {
  land(stack: { lane: LaneId; needs: LaneId[] }[]): void;
  cancel(): void;
}

/** @param epicOf the number of a lane's epic; null for the lane of a sequential session */
export function createGate(
  { sessionId, taskTimeoutMinutes }: { sessionId: number; taskTimeoutMinutes: number },
  epicOf: (lane: LaneId) => number | null,
  onEnd: (end: StackEnd) => void,
): Gate {
  const scope = new CancellationScope();
  const time = timeFor('landStack', taskTimeoutMinutes);
  return {
    land(stack) {
      const lanes = stack.map(({ lane, needs }) => ({ epic: epicOf(lane), needs: needs.map(epicOf) }));
      const summary = stack
        .map(({ lane }) => lane.replace('epic-', 'epic '))
        .join(', ')
        .slice(0, 100);
      void scope
        .run(() => long.landStack.executeWithOptions({ ...time, summary }, [{ sessionId, stack: lanes }]))
        .then(endOf, (error: unknown) => nothingLanded(rootMessage(error)))
        .then(onEnd);
    },
    cancel: () => scope.cancel(),
  };
}

function endOf({ landed, held, deferred, red }: StackOutcome): StackEnd {
  return {
    landed: landed.map(({ epic, outcome, pullRequest }) => ({
      lane: laneId(epic),
      outcome,
      ...(pullRequest ? { reason: pullRequestName(pullRequest) } : {}),
    })),
    held: held.map(({ epic, ...rest }) => ({ lane: laneId(epic), ...rest })),
    deferred: deferred.map(laneId),
    red,
  };
}

/** No retry can help any more. Which of the lanes is the reason, the queue finds out. */
const nothingLanded = (reason: string): StackEnd => ({
  landed: [],
  held: [],
  deferred: [],
  red: { reason, lost: true },
});
