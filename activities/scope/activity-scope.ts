import { Context } from '@temporalio/activity';

/** Why Temporal asks an activity to stop. */
export type StopReason = 'cancelled' | 'handed-back';

/** Someone else goes on with the activity: this worker shuts down, or its try timed out, was paused or reset. */
const HANDED_BACK = ['WORKER_SHUTDOWN', 'TIMED_OUT', 'PAUSED', 'RESET'];

/** Temporal has no such try any more. */
const GONE = 'NOT_FOUND';

const ANSWER_MS = 5_000;

/** Resolves when Temporal asks the running activity to stop, and says whether it was for good. */
export async function stopReason(): Promise<StopReason> {
  const error = await Context.current().cancelled.catch((reason: unknown) => reason);
  const reason = error instanceof Error ? error.message : '';
  const goesOn = HANDED_BACK.includes(reason) || (reason === GONE && (await isPending()));
  return goesOn ? 'handed-back' : 'cancelled';
}

/**
 * Whether the activity's workflow waits for it, so that the next try goes on: this one timed out while Temporal was out of
 * reach. Otherwise somebody has ended the workflow. Who does not know leaves the work as it is: whoever comes next settles it.
 */
async function isPending(): Promise<boolean> {
  const { client, info } = Context.current();
  const { workflowId, runId } = info.workflowExecution!;
  const ask = () => client.workflow.getHandle(workflowId, runId).describe();
  try {
    const { raw } = await client.withDeadline(Date.now() + ANSWER_MS, ask);
    return raw.pendingActivities?.some(({ activityId }) => activityId === info.activityId) ?? false;
  } catch {
    return true;
  }
}

const progress = new WeakMap<Context, unknown>();

/** What the Web UI shows of a running activity: it travels with the next heartbeat. */
export function showProgress(details: Record<string, unknown>): void {
  progress.set(Context.current(), details);
}

export const progressOf = (context: Context): unknown => progress.get(context);

/** Names the running activity: the same through all of its tries, so that of what they tell each thing is told once. */
export function activityName(): string {
  const { workflowExecution, activityId } = Context.current().info;
  return `${workflowExecution!.runId}/${activityId}`;
}
