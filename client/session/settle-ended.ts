import { Client } from '@temporalio/client';
import type { Database } from '../../db/connection/connection';
import { closeSession } from '../../db/session/session-close';
import { findSessionOfRun, type Session } from '../../db/session/sessions';
import { isOpenStatus } from '../../domain/session/open-workflow';
import type { TemporalEndpoint } from '../../services';
import { withTemporal } from '../../services/temporal/reachable';
import type { SessionHandle } from './session';

const WITHIN_MS = 2_000;

/**
 * A workflow that is terminated has no time to close its session in PostgreSQL, which would say `running` until the
 * next run: it is closed here, and so is one that was cancelled while it waited to begin. Every other way to end closes
 * the session first. A Temporal that does not answer, or does not know the workflow, proves nothing.
 */
export async function settleEnded(
  db: Database,
  temporal: TemporalEndpoint,
  session: Session,
): Promise<Session> {
  if (session.endedAt !== null) return session;
  const how = await howEnded(temporal, session);
  if (how === null) return session;
  const now = await findSessionOfRun(db, session.workflowId, session.runId);
  if (now && now.endedAt !== null) return now;
  const reason = `its workflow ended from outside (${how})`;
  return closeSession(db, { sessionId: session.id, status: 'cancelled', reason });
}

/** `terminated`, say; null while it is open, for all that is known. */
async function howEnded(
  { namespace, connectConfig }: TemporalEndpoint,
  { workflowId, runId }: Session,
): Promise<string | null> {
  return withTemporal(connectConfig.connectionOptions, WITHIN_MS, async (connection) => {
    const client = new Client({ connection, namespace });
    // Not the first run, but the latest that it went on as.
    const handle: SessionHandle = client.workflow.getHandle(workflowId, undefined, {
      firstExecutionRunId: runId,
    });
    const { status, raw } = await handle.describe();
    const first = raw.workflowExecutionInfo?.firstRunId ?? '';
    if (first !== '' && first !== runId) return 'another session has begun';
    return isOpenStatus(status.name) ? null : status.name.toLowerCase();
  }).catch(() => null);
}
