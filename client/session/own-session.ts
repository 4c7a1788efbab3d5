import { defaultPayloadConverter } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { RUN_PROJECT } from '../../workflows/messages';
import { UsageError } from '../cli/exit';

/** What is open under the id of a project's session. */
interface Holder {
  workflowId: string;
  runId: string;
  /** Of the workflow. */
  type: string;
}

/**
 * The workflow id of a project's session is its lock, and who starts a workflow himself may give it to something else. A
 * `runProject` of another project then runs that one's session, and answers no update and no query.
 * @throws UsageError that says what has the id, and how it comes free
 */
export async function requireOwn(client: Client, project: string, holder: Holder): Promise<void> {
  const what = await somethingElse(client, project, holder);
  if (what === null) return;
  const { workflowId } = holder;
  throw new UsageError(
    `${project} cannot run: ${what} has its workflow id, ${workflowId}. ` +
      `Wait until that ends, or cancel it: yokeflow temporal -- workflow cancel -w ${workflowId}`,
  );
}

async function somethingElse(client: Client, project: string, holder: Holder): Promise<string | null> {
  if (holder.type !== RUN_PROJECT) return `a workflow of type ${holder.type}`;
  const other = await projectOf(client, holder);
  return other === project || other === null ? null : `a run of the project ${other}`;
}

/** The project that a `runProject` was started for; null where its input says none. */
async function projectOf(client: Client, { workflowId, runId }: Holder): Promise<string | null> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
  const input =
    payloads?.[0] && defaultPayloadConverter.fromPayload<{ project?: unknown } | null>(payloads[0]);
  return typeof input?.project === 'string' ? input.project : null;
}
