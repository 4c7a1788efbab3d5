import type { HeldEpic, StackOutcome } from '../scope/contract';
import type { ActivityDependencies } from '../scope/dependencies';
import type { Place } from '../scope/place';
import { recordObstacle } from './records';

/** Puts on record why a lane of a stack does not land. */
export async function hold(
  deps: ActivityDependencies,
  place: Place,
  outcome: StackOutcome,
  held: Omit<HeldEpic, 'epic'>,
): Promise<void> {
  await recordObstacle(deps, place, held);
  outcome.held.push({ ...held, epic: place.epic, reason: deps.redact(held.reason).slice(0, 500) });
}
