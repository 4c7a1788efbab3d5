import type { RecordHeldInput } from '../scope/contract';
import type { ActivityDependencies } from '../scope/dependencies';
import { openPlace } from '../scope/place';
import { recordObstacle } from './records';

/** Puts on record why a lane cannot land, where the parent found that out. */
export async function recordHeld(deps: ActivityDependencies, input: RecordHeldInput): Promise<void> {
  const { sessionId, epic, ...held } = input;
  await recordObstacle(deps, await openPlace(deps.db, { sessionId, epic }), held);
}
