import type { Client } from '@temporalio/client';
import { harmless } from '../../domain/harmless';
import { firstLine } from '../text/units';
import { isRunning, sessionWork, taskOf, troubleOf, type Description } from './pending-work';

/** An activity that failed, and that Temporal tries again by itself. */
export interface Retry {
  /** `T3`, or what the activity is called. */
  what: string;
  /** Tries so far. */
  tries: number;
  reason: string;
  /** As `domain/session/failures.ts` lists them; null for what is no failure of ours, such as a lost worker. */
  type: string | null;
  /** It is tried right now. */
  running: boolean;
}

const REASON = 300;

/** What Temporal tries again in a session now, its epics' work included. */
export const retriesOf = async (client: Client, workflowId: string): Promise<Retry[]> =>
  retriesIn(await sessionWork(client, workflowId));

/** The same of work that was looked at. */
export function retriesIn(work: readonly Description[]): Retry[] {
  return work.flatMap(({ pendingActivities }) =>
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
          running: isRunning(activity),
        },
      ];
    }),
  );
}
