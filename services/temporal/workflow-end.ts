import { WorkflowFailedError, type Client } from '@temporalio/client';
import { ActivityFailure, ChildWorkflowFailure } from '@temporalio/common';
import { isOpenStatus } from '../../domain/session/open-workflow';

/** A workflow by its first run: it goes on as others. */
export interface FirstRun {
  workflowId: string;
  runId: string;
}

/** That of a session which had no time to close itself in PostgreSQL. */
export interface WorkflowEnd {
  status: 'failed' | 'cancelled';
  reason: string;
}

const fromOutside = (how: string): WorkflowEnd => ({
  status: 'cancelled',
  reason: `its workflow ended from outside (${how})`,
});

/** How a session's workflow ended; null while it is open. @throws where Temporal does not answer, or does not know it */
export async function workflowEnd(
  client: Client,
  { workflowId, runId }: FirstRun,
): Promise<WorkflowEnd | null> {
  // Not the first run, but the latest that it went on as.
  const handle = client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId: runId });
  const { status, raw } = await handle.describe();
  const first = raw.workflowExecutionInfo?.firstRunId ?? '';
  if (first !== '' && first !== runId) return fromOutside('another session has begun');
  if (isOpenStatus(status.name)) return null;
  if (status.name !== 'FAILED') return fromOutside(status.name.toLowerCase());
  const error: unknown = await handle.result().catch((failure: unknown) => failure);
  return { status: 'failed', reason: `its workflow failed: ${failureText(causeOf(error))}` };
}

/** What is wrong, without the failures around it that only say where. */
export function causeOf(error: unknown): unknown {
  let cause = error instanceof WorkflowFailedError ? error.cause : error;
  while ((cause instanceof ActivityFailure || cause instanceof ChildWorkflowFailure) && cause.cause)
    cause = cause.cause;
  return cause;
}

/** How the SDK begins to say that a history is not what today's code makes of it. */
const OTHER_CODE = '[TMPRL1100]';
const OTHER_VERSION =
  'another version of YokeFlow began it, whose history this one cannot go on with; what is finished stays, and the next run goes on with the rest';

export function failureText(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.startsWith(OTHER_CODE) ? OTHER_VERSION : message;
}
