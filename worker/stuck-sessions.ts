import type { Client } from '@temporalio/client';
import { appendEvent } from '../db/events/events';
import type { Queryable } from '../db/connection/connection';
import { listOpenSessions } from '../db/session/sessions';
import { failedTries } from '../domain/session/open-workflow';

const ANSWER_MS = 5_000;

/** Tells of each session that no worker can go on with, once: its workflow fails for ever, and does not end by itself. */
export async function tellOfStuck({ db, client }: { db: Queryable; client: Client }): Promise<void> {
  for (const { id: sessionId, workflowId } of await listOpenSessions(db)) {
    const ask = () => client.workflow.getHandle(workflowId).describe();
    const { raw } = await client.withDeadline(Date.now() + ANSWER_MS, ask);
    const tries = failedTries(raw.pendingWorkflowTask);
    if (tries === null) continue;
    const reason = `its workflow cannot go on: it failed ${tries} times, and the worker's log says why`;
    const key = `stuck:${raw.workflowExecutionInfo?.execution?.runId ?? ''}`;
    await appendEvent(db, { sessionId, type: 'attention_needed', data: { reason }, key });
  }
}
