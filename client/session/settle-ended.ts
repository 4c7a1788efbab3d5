import type { Database } from '../../db/connection/connection';
import { closeSession } from '../../db/session/session-close';
import { findSessionOfRun, type Session } from '../../db/session/sessions';
import type { TemporalEndpoint } from '../../services';
import { workflowEnd } from '../../services/temporal/workflow-end';
import { askTemporal } from '../cli/ask-temporal';

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
  const end = await askTemporal(temporal, (client) => workflowEnd(client, session)).catch(() => null);
  if (end === null) return session;
  const now = await findSessionOfRun(db, session.workflowId, session.runId);
  if (now && now.endedAt !== null) return now;
  return closeSession(db, { sessionId: session.id, ...end });
}
