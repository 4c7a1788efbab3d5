import { Context } from '@temporalio/activity';

/** Why Temporal asks an activity to stop. */
export type StopReason = 'cancelled' | 'handed-back';

/** Someone else goes on with the activity: this worker shuts down, or its try timed out, was paused or reset. */
const HANDED_BACK = ['WORKER_SHUTDOWN', 'TIMED_OUT', 'PAUSED', 'RESET'];

/**
 * Resolves when Temporal asks the running activity to stop, and says whether it was for good. `NOT_FOUND` is for
 * good: the workflow was terminated, so nobody will go on.
 */
export async function stopReason(): Promise<StopReason> {
  const error = await Context.current().cancelled.catch((reason: unknown) => reason);
  return error instanceof Error && HANDED_BACK.includes(error.message) ? 'handed-back' : 'cancelled';
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
