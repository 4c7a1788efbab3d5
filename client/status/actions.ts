import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { firstLine } from '../text/units';
import { isPaused, isRunning, pendingWork, taskOf, troubleOf } from '../session/pending-work';
import { epicWorkflowId } from '../../workflows/messages';

/**
 * What the agents of these epics did last, by task, as their heartbeats tell it; or why their activity waits to be
 * tried again. Null is the lane of a sequential session. Knows nothing of an epic about which Temporal does not answer.
 */
export async function lastActions(
  client: Client,
  project: string,
  epics: readonly (number | null)[],
): Promise<Map<number, string>> {
  const answers = await Promise.all(epics.map((epic) => actionsOf(client, epicWorkflowId(project, epic))));
  return new Map(answers.flat());
}

const PAUSED = 'paused in Temporal itself: press Unpause in the Web UI';

async function actionsOf(client: Client, workflowId: string): Promise<[number, string][]> {
  try {
    const { pendingActivities } = await pendingWork(client, workflowId);
    return (pendingActivities ?? []).flatMap((activity): [number, string][] => {
      const task = taskOf(activity);
      if (task === null) return [];
      if (isPaused(activity)) return [[task, PAUSED]];
      const trouble = troubleOf(activity);
      const did = lastOf(activity.heartbeatDetails?.payloads?.[0]);
      const action = trouble ? again(trouble, { runs: isRunning(activity), did }) : did;
      return action ? [[task, firstLine(action, 160)]] : [];
    });
  } catch {
    return [];
  }
}

/** Until its new attempt tells of anything, what it did is still told of the one before. */
function again(
  { tries, reason }: { tries: number; reason: string },
  { runs, did }: { runs: boolean; did: string | null },
): string {
  if (!runs) return `tried again after: ${reason}`;
  return `runs (attempt ${tries + 1}, after: ${reason})${did === null ? '' : `: ${did}`}`;
}

type Payload = Parameters<typeof defaultPayloadConverter.fromPayload>[0];

function lastOf(payload: Payload | undefined): string | null {
  if (!payload) return null;
  const details: unknown = defaultPayloadConverter.fromPayload(payload);
  const { last } = (details ?? {}) as { last?: unknown };
  return typeof last === 'string' ? last : null;
}
