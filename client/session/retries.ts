import type { Client } from '@temporalio/client';
import { harmless } from '../../domain/harmless';
import { firstLine } from '../text/units';
import { pendingWork, taskOf, troubleOf } from './pending-work';

/** An activity that failed, and that Temporal tries again by itself. */
export interface Retry {
  /** `T3`, or what the activity is called. */
  what: string;
  /** Tries so far. */
  tries: number;
  reason: string;
  /** As `domain/session/failures.ts` lists them; null for what is no failure of ours, such as a lost worker. */
  type: string | null;
}

/** Epics that are looked at; what stops one of them usually stops all. */
const MOST_EPICS = 20;
const REASON = 300;

/** What Temporal tries again in a session now, its epics' work included. */
export async function retriesOf(client: Client, workflowId: string): Promise<Retry[]> {
  const session = await pendingWork(client, workflowId);
  const epics = (session.pendingChildren ?? []).slice(0, MOST_EPICS);
  const open = await Promise.all(
    // One that has ended since is no trouble.
    epics.map((epic) => pendingWork(client, epic.workflowId!).catch(() => ({ pendingActivities: [] }))),
  );
  return [session, ...open].flatMap(({ pendingActivities }) =>
    (pendingActivities ?? []).flatMap((activity) => {
      const trouble = troubleOf(activity);
      if (!trouble) return [];
      const task = taskOf(activity);
      const what = task === null ? (activity.activityType?.name ?? 'an activity') : `T${task}`;
      return [
        {
          what,
          tries: trouble.tries,
          reason: firstLine(harmless(trouble.reason), REASON),
          type: trouble.type,
        },
      ];
    }),
  );
}
