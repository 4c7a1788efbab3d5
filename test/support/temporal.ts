import { Client, Connection, type ClientInterceptors } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createHeartbeat } from '../../activities';
import { retryWhileOpen } from '../../services/temporal/grpc-retry';
import type { Activities } from '../../activities/scope/contract';
import { failedWorkflowTasks } from './failed-workflow-tasks';
import { testTemporal, testWorkflowBundle } from './services';

export interface TemporalHarness {
  client: Client;
  taskQueue: string;
  /** Starts another worker of the same queue. */
  startWorker(
    activities: Partial<Activities>,
    client?: ClientInterceptors,
  ): Promise<{ stop(): Promise<void> }>;
  /** @throws when a workflow of the queue had a workflow task that failed: Temporal tries it again and nobody sees it. */
  close(): Promise<void>;
}

let queues = 0;
let quiet = false;

/** As in worker/run.ts: on a machine that stalls, workflow code would be cut off. */
const PATIENCE = { isolateExecutionTimeout: '1 minute' };

/** A task queue of its own on the test run's Temporal server, and workers that serve it. */
export async function connectTemporal(
  place: { address?: string; namespace?: string; taskQueue?: string } = {},
): Promise<TemporalHarness> {
  if (!quiet) Runtime.install({ logger: new DefaultLogger('ERROR') });
  quiet = true;
  const { address, namespace } = { ...testTemporal(), ...place };
  const connection = await Connection.connect({ address, interceptors: [retryWhileOpen] });
  const native = await NativeConnection.connect({ address });
  const taskQueue = place.taskQueue ?? `test-${process.pid}-${Date.now()}-${++queues}`;
  const stops: (() => Promise<void>)[] = [];
  const client = new Client({ connection, namespace });
  return {
    client,
    taskQueue,
    async startWorker(activities, client = {}) {
      const worker = await Worker.create({
        connection: native,
        namespace,
        taskQueue,
        activities,
        workflowBundle: { codePath: testWorkflowBundle() },
        ...PATIENCE,
        workflowFailureErrorTypes: { '*': ['Error'] },
        stickyQueueScheduleToStartTimeout: '1s',
        interceptors: { activity: [createHeartbeat], client },
        maxHeartbeatThrottleInterval: '2s',
        shutdownGraceTime: 0,
        shutdownForceTime: '5s',
      });
      const running = worker.run();
      const stop = async () => {
        if (worker.getState() === 'RUNNING') worker.shutdown();
        await running;
      };
      stops.push(stop);
      return { stop };
    },
    async close() {
      await Promise.all(stops.map((stop) => stop()));
      try {
        const failed = stops.length ? await failedWorkflowTasks(client, taskQueue) : [];
        if (failed.length) throw new Error(`workflow tasks failed:\n${failed.join('\n')}`);
      } finally {
        await connection.close();
        await native.close();
      }
    },
  };
}
