import type { Session } from '../../db/session/sessions';
import type { SessionResult } from '../../domain/session/session-result';
import type { TemporalEndpoint } from '../../services';
import { askTemporal } from '../cli/ask-temporal';
import type { SessionHandle } from './session';
import { endOf } from './session-end';

/** What a session that has ended came to; null when Temporal does not answer within two seconds, or has forgotten it. */
export async function closedResult(
  temporal: TemporalEndpoint,
  { workflowId, runId }: Session,
): Promise<SessionResult | null> {
  return askTemporal(temporal, (client) => {
    const handle: SessionHandle = client.workflow.getHandle(workflowId, runId);
    return handle.result();
  }).catch((error: unknown) => {
    const end = endOf(error);
    return 'result' in end ? end.result : null;
  });
}
