import type { Client } from '@temporalio/client';
import type { Queryable } from '../db/connection/connection';
import { findSessionOfRun } from '../db/session/sessions';

/** A session that has not got so far has nothing in any database: it may have been started before any worker ran. */
const EVENTS_UNTIL_OPEN = 7;

/** The id of a session in the client's namespace that is open and not in this database; null where there is none. */
export async function foreignSession(client: Client, db: Queryable): Promise<string | null> {
  const query = `WorkflowType = 'runProject' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId } of client.workflow.list({ query })) {
    const { raw, runId, historyLength, status } = await client.workflow.getHandle(workflowId).describe();
    // The list follows what happens a moment later.
    if (status.name !== 'RUNNING') continue;
    const opens = raw.pendingActivities?.some(({ activityType }) => activityType?.name === 'openSession');
    // One that was started under another id only waits for the session.
    const waits = raw.pendingChildren?.some(({ workflowTypeName }) => workflowTypeName === 'runProject');
    if (opens || waits || historyLength < EVENTS_UNTIL_OPEN) continue;
    const firstRunId = raw.workflowExecutionInfo?.firstRunId || runId;
    if ((await findSessionOfRun(db, workflowId, firstRunId)) === null) return workflowId;
  }
  return null;
}
