import { temporal } from '@temporalio/proto';
import type { Client } from '@temporalio/client';

/** An activity that a workflow waits for. */
type PendingActivity = NonNullable<Description['pendingActivities']>[number];
export type Description = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['describe']>>['raw'];

const ANSWER_MS = 2_000;

/** What Temporal knows of a workflow's open work. @throws when it does not answer within two seconds */
export async function pendingWork(client: Client, workflowId: string): Promise<Description> {
  const ask = () => client.workflow.getHandle(workflowId).describe();
  return (await client.withDeadline(Date.now() + ANSWER_MS, ask)).raw;
}

/** Epics that are looked at; what stops one of them usually stops all. */
const MOST_EPICS = 20;

/** The same of a session's workflow, and of those of its epics. @throws as `pendingWork` */
export async function sessionWork(client: Client, workflowId: string): Promise<Description[]> {
  const session = await pendingWork(client, workflowId);
  const epics = (session.pendingChildren ?? []).slice(0, MOST_EPICS);
  const open = await Promise.all(
    // One that has ended since is no trouble.
    epics.map((epic) => pendingWork(client, epic.workflowId!).catch(() => null)),
  );
  return [session, ...open.filter((one) => one !== null)];
}

/** The number of the task that an activity is about; null when it is about none. */
export function taskOf({ activityId }: PendingActivity): number | null {
  return Number(/^T(\d+)-/.exec(activityId ?? '')?.[1]) || null;
}

const {
  PENDING_ACTIVITY_STATE_STARTED,
  PENDING_ACTIVITY_STATE_PAUSED,
  PENDING_ACTIVITY_STATE_PAUSE_REQUESTED,
} = temporal.api.enums.v1.PendingActivityState;

/** Whether a worker has it now; else it waits for one, or for its next attempt. */
export const isRunning = ({ state }: PendingActivity): boolean => state === PENDING_ACTIVITY_STATE_STARTED;

/** Whether somebody has paused it, by a button of the Web UI: the session does not hear of that. */
export const isPaused = ({ state }: PendingActivity): boolean =>
  state === PENDING_ACTIVITY_STATE_PAUSED || state === PENDING_ACTIVITY_STATE_PAUSE_REQUESTED;

/** How often the activity has failed, and why it did last; null while its first try goes on. */
export function troubleOf({
  attempt,
  lastFailure,
}: PendingActivity): { tries: number; reason: string; type: string | null } | null {
  const tries = (attempt ?? 1) - 1;
  if (tries === 0 || !lastFailure?.message) return null;
  return { tries, reason: lastFailure.message, type: lastFailure.applicationFailureInfo?.type ?? null };
}
