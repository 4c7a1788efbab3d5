import os from 'node:os';
import { temporal } from '@temporalio/proto';
import type { Client } from '@temporalio/client';
import { TASK_QUEUE } from '../../domain/session/task-queue';

/** A poll lasts up to a minute, and only its beginning is known. */
const POLL_LASTS_MS = 75_000;

/** The workers that asked for workflows to run lately, by their identities. The server remembers them for minutes. */
export async function livePollers({ workflowService, options }: Client): Promise<string[]> {
  const { pollers } = await workflowService.describeTaskQueue({
    namespace: options.namespace,
    taskQueue: { name: TASK_QUEUE },
    taskQueueType: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  });
  return (pollers ?? []).flatMap(({ identity, lastAccessTime }) => {
    const seconds = Number(lastAccessTime?.seconds ?? 0);
    return Date.now() - seconds * 1000 < POLL_LASTS_MS ? [identity ?? ''] : [];
  });
}

/** How a worker calls itself: after Temporal's own way, the database that it works for. */
export const workerIdentity = (database: string): string => `${process.pid}@${os.hostname()}/${database}`;

/** Null for a worker of another kind. */
export function workerOf(identity: string): { worker: string; database: string } | null {
  const [, worker, database] = /^(.+)\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(identity) ?? [];
  return worker && database ? { worker, database } : null;
}

/** The process of a worker on this machine; null for one elsewhere, or of another kind. */
export function processOf(identity: string): number | null {
  const [pid, host] = workerOf(identity)?.worker.split('@') ?? [];
  return host === os.hostname() ? Number(pid) : null;
}
