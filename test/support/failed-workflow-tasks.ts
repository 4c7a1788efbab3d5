import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

const { WorkflowTaskFailedCause: Cause } = temporal.api.enums.v1;

/** Part of Temporal's normal life: something new arrived while a workflow ended, or it was reset or terminated. */
const HARMLESS = [
  Cause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
  Cause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW,
  Cause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
];

/** Those of all workflows of a task queue, as far as Temporal lists them already: `<workflow id>: <message>`. */
export async function failedWorkflowTasks({ workflow }: Client, taskQueue: string): Promise<string[]> {
  const failed: string[] = [];
  for await (const { workflowId, runId } of workflow.list({ query: `TaskQueue = '${taskQueue}'` })) {
    const { events } = await workflow.getHandle(workflowId, runId).fetchHistory();
    for (const { workflowTaskFailedEventAttributes: failure } of events ?? []) {
      if (failure && !HARMLESS.includes(failure.cause!))
        failed.push(`${workflowId}: ${failure.failure?.message ?? Cause[failure.cause!]}`);
    }
  }
  return failed;
}
