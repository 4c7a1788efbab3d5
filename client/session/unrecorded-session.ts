import { Client } from '@temporalio/client';
import type { Session } from '../../db/session/sessions';
import type { TemporalEndpoint } from '../../services';
import { withTemporal } from '../../services/temporal/reachable';
import { findOpenWorkflow } from './session';

const WITHIN_MS = 2_000;

/**
 * Whether a session of the project is open in Temporal that no worker has put on record in PostgreSQL, for all that is
 * known within two seconds: it is about to begin, or has no worker.
 * @param latest the last one on record
 */
export async function hasUnrecordedSession(
  { namespace, connectConfig }: TemporalEndpoint,
  project: string,
  latest: Session | null,
): Promise<boolean> {
  const open = await withTemporal(connectConfig.connectionOptions, WITHIN_MS, (connection) =>
    findOpenWorkflow(new Client({ connection, namespace }), project),
  ).catch(() => null);
  return open !== null && open.runId !== latest?.runId;
}
