import { Context } from '@temporalio/activity';

/** Asks Temporal to cancel a workflow. Asking twice changes nothing. */
export async function requestCancel({
  workflowId,
  runId,
}: {
  workflowId: string;
  runId: string;
}): Promise<void> {
  await Context.current().client.workflow.getHandle(workflowId, runId).cancel();
}
