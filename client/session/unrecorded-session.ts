import type { Session } from '../../db/session/sessions';
import type { TemporalEndpoint } from '../../services';
import { askTemporal } from '../cli/ask-temporal';
import { findOpenWorkflow } from './session';

/**
 * Whether a session of the project is open in Temporal that no worker has put on record in PostgreSQL, for all that is
 * known within two seconds: it is about to begin, or has no worker.
 * @param latest the last one on record
 */
export async function hasUnrecordedSession(
  temporal: TemporalEndpoint,
  project: string,
  latest: Session | null,
): Promise<boolean> {
  const open = await askTemporal(temporal, (client) => findOpenWorkflow(client, project)).catch(() => null);
  return open !== null && open.runId !== latest?.runId;
}
