import type { Database } from '../../db/connection/connection';
import { closeSession, type SessionEnd } from '../../db/session/session-close';
import { findSessionOfRun, type Session } from '../../db/session/sessions';
import { isOpenStatus } from '../../domain/session/open-workflow';
import type { TemporalEndpoint } from '../../services';
import { askTemporal } from '../cli/ask-temporal';
import type { SessionHandle } from './session';
import { endOf } from './session-end';

/**
 * A workflow that is terminated has no time to close its session in PostgreSQL, which would say `running` until the
 * next run: it is closed here, and so is one that was cancelled while it waited to begin, or that failed since its history
 * does not fit the code any more. Every other way to end closes the session first. A Temporal that does not answer, or does not know the workflow, proves nothing.
 */
export async function settleEnded(
  db: Database,
  temporal: TemporalEndpoint,
  session: Session,
): Promise<Session> {
  if (session.endedAt !== null) return session;
  const end = await howEnded(temporal, session);
  if (end === null) return session;
  const now = await findSessionOfRun(db, session.workflowId, session.runId);
  if (now && now.endedAt !== null) return now;
  return closeSession(db, { sessionId: session.id, ...end });
}

type WorkflowEnd = Pick<SessionEnd, 'status' | 'reason'>;

const fromOutside = (how: string): WorkflowEnd => ({
  status: 'cancelled',
  reason: `its workflow ended from outside (${how})`,
});

/** Null while it is open, for all that is known. */
async function howEnded(
  temporal: TemporalEndpoint,
  { workflowId, runId }: Session,
): Promise<WorkflowEnd | null> {
  return askTemporal(temporal, async (client) => {
    // Not the first run, but the latest that it went on as.
    const handle: SessionHandle = client.workflow.getHandle(workflowId, undefined, {
      firstExecutionRunId: runId,
    });
    const { status, raw } = await handle.describe();
    const first = raw.workflowExecutionInfo?.firstRunId ?? '';
    if (first !== '' && first !== runId) return fromOutside('another session has begun');
    if (isOpenStatus(status.name)) return null;
    if (status.name !== 'FAILED') return fromOutside(status.name.toLowerCase());
    const end = endOf(await handle.result().catch((error: unknown) => error));
    const why = 'message' in end ? end.message : 'unknown';
    return { status: 'failed' as const, reason: `its workflow failed: ${why}` };
  }).catch(() => null);
}
