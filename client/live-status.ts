import { Client } from '@temporalio/client';
import type { StatusView } from '../domain/status-view';
import type { TemporalEndpoint } from '../services';
import { withTemporal } from '../services/temporal/reachable';
import { sessionWorkflowId, statusQuery } from '../workflows/messages';

const WITHIN_MS = 2_000;

/** What the workflow itself says of its session; null when server or worker do not answer within two seconds. */
export async function liveStatus(
  { namespace, connectConfig }: TemporalEndpoint,
  project: string,
): Promise<StatusView | null> {
  try {
    return await withTemporal(connectConfig.connectionOptions, WITHIN_MS, (connection) =>
      new Client({ connection, namespace }).workflow.getHandle(sessionWorkflowId(project)).query(statusQuery),
    );
  } catch {
    return null;
  }
}
