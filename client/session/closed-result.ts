import { Client } from '@temporalio/client';
import type { Session } from '../../db/session/sessions';
import type { SessionResult } from '../../domain/session/session-result';
import type { TemporalEndpoint } from '../../services';
import { withTemporal } from '../../services/temporal/reachable';
import type { SessionHandle } from './session';
import { endOf } from './session-end';

const WITHIN_MS = 2_000;

/** What a session that has ended came to; null when Temporal does not answer within two seconds, or has forgotten it. */
export async function closedResult(
  { namespace, connectConfig }: TemporalEndpoint,
  { workflowId, runId }: Session,
): Promise<SessionResult | null> {
  return withTemporal(connectConfig.connectionOptions, WITHIN_MS, async (connection) => {
    const handle: SessionHandle = new Client({ connection, namespace }).workflow.getHandle(workflowId, runId);
    return handle.result();
  }).catch((error: unknown) => {
    const end = endOf(error);
    return 'result' in end ? end.result : null;
  });
}
