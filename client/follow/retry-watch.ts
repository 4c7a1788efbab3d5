import type { Client } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { harmless } from '../../domain/harmless';
import { firstLine } from '../text/units';
import { pendingWork, taskOf, troubleOf } from '../session/pending-work';

/** An activity that failed, and that Temporal tries again by itself. */
export interface Retry {
  /** `T3`, or what the activity is called. */
  what: string;
  /** Tries so far. */
  tries: number;
  reason: string;
}

const LOOK_MS = 15_000;
/** A worker that was restarted costs one try, a busy worktree another: nothing to tell anybody. */
const TELLING_TRIES = 3;
/** Epics that are looked at; what stops one of them usually stops all. */
const MOST_EPICS = 20;
const REASON = 300;

/**
 * Says of each trouble once what it is while a session is followed: a task that is tried again and again would only be
 * "running" otherwise. Settled after `signal` aborts.
 */
export async function watchRetries(
  client: Client,
  workflowId: string,
  {
    onNotice,
    signal,
    lookMs = LOOK_MS,
  }: { onNotice: (line: string) => void; signal: AbortSignal; lookMs?: number },
): Promise<void> {
  const told = new Set<string>();
  while (!signal.aborted) {
    await sleep(lookMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    for (const { what, tries, reason } of await retriesOf(client, workflowId).catch(() => [])) {
      if (tries < TELLING_TRIES || told.has(reason)) continue;
      told.add(reason);
      onNotice(`${what} is tried again and again: ${reason}`);
    }
  }
}

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
      return [{ what, tries: trouble.tries, reason: firstLine(harmless(trouble.reason), REASON) }];
    }),
  );
}
