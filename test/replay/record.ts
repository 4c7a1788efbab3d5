import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { WorkflowHandle } from '@temporalio/client';
import { fakeWorld } from '../support/fake-world';
import { connectTemporal } from '../support/temporal';
import { planOfPath, type ReplayPath } from './paths';

export interface Recording {
  /** How the first run of the session ended. */
  ended: string;
  /** By what comes after the project in the workflow's id: '' is the session itself, '/epic-1' an epic. */
  histories: Record<string, unknown>;
}

/** Takes a path against the fake world, and returns what Temporal kept of it. */
export async function record(path: ReplayPath): Promise<Recording> {
  const temporal = await connectTemporal();
  try {
    const world = fakeWorld(planOfPath(path), path.answers);
    await temporal.startWorker(world.activities);
    const project = `replay-${path.name}`;
    const start = (workflowId: string): Promise<WorkflowHandle> =>
      temporal.client.workflow.start('runProject', {
        taskQueue: temporal.taskQueue,
        workflowId,
        args: [{ project, ...path.input }, ...(path.continued ? [path.continued] : [])],
      });
    const sessionId = `yokeflow-${path.name === 'project-busy' ? 'replay-busy' : project}`;
    const lock = path.name === 'project-busy' ? await start(sessionId) : null;
    const handle = await start(path.workflowId?.(project) ?? sessionId);
    await path.meanwhile?.(handle, world, temporal.client);
    const first = temporal.client.workflow.getHandle(handle.workflowId, runIdOf(handle));
    await temporal.client.workflow
      .getHandle(handle.workflowId)
      .result()
      .catch(() => undefined);
    await lock?.terminate();
    const histories: Record<string, unknown> = { '': await historyOf(first) };
    const others = ['/epic-1', '/epic-2', '/sequential'];
    if (handle.workflowId !== sessionId && !lock) others.push('session');
    for (const other of others) {
      const id = other === 'session' ? sessionId : `${sessionId}${other}`;
      const history = lock ? null : await historyOf(temporal.client.workflow.getHandle(id));
      if (history) histories[other] = history;
    }
    return { ended: (await first.describe()).status.name, histories };
  } finally {
    await temporal.close();
  }
}

const runIdOf = (handle: WorkflowHandle): string =>
  (handle as WorkflowHandle & { firstExecutionRunId: string }).firstExecutionRunId;

/** Of gRPC. */
const NOT_FOUND = 5;

async function historyOf(handle: WorkflowHandle): Promise<unknown> {
  try {
    return withoutMachine(JSON.parse(historyToJSON(await handle.fetchHistory())));
  } catch (error) {
    if ((error as { code?: number }).code === NOT_FOUND) return null;
    throw error;
  }
}

/** Where it was recorded, and by whom, is nobody's business: stacks hold paths, identities a host's name. */
function withoutMachine(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMachine);
  // A sticky task queue is named after process and host.
  if (typeof value === 'string') return value.replace(/^\d+@[^-]+/, 'recorder');
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !['stackTrace', 'workerVersion'].includes(key));
  return Object.fromEntries(
    kept.map(([key, inner]) => [key, key === 'identity' ? 'recorder' : withoutMachine(inner)]),
  );
}
