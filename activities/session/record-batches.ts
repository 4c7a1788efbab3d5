import { recordBatches as storeBatches } from '../../db/events/batches';
import type { ActivityDependencies } from '../scope/dependencies';

export async function recordBatches(
  deps: ActivityDependencies,
  { sessionId, batches }: { sessionId: number; batches: number[][] },
): Promise<void> {
  await storeBatches(deps.db, sessionId, batches);
}
