import { appendEvent } from '../db/events/events';
import { failedTries } from '../domain/session/open-workflow';
import { askOfOpen, type OpenSessions } from './open-sessions';

/** Tells of each session that no worker can go on with, once: its workflow fails for ever, and does not end by itself. */
export async function tellOfStuck({ db, client }: OpenSessions): Promise<void> {
  const asked = askOfOpen({ db, client }, ({ workflowId }) =>
    client.workflow.getHandle(workflowId).describe(),
  );
  for await (const { session, answer } of asked) {
    const { pendingWorkflowTask, workflowExecutionInfo } = answer.raw;
    const tries = failedTries(pendingWorkflowTask);
    if (tries === null) continue;
    const reason = `its workflow cannot go on: it failed ${tries} times, and the worker's log says why`;
    const key = `stuck:${workflowExecutionInfo?.execution?.runId ?? ''}`;
    await appendEvent(db, { sessionId: session.id, type: 'attention_needed', data: { reason }, key });
  }
}
