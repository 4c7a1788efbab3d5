import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { openDatabase, type Database } from '../../db/connection/connection';
import { migrate } from '../../db/connection/migrate';
import { importInto } from '../../client/plan/import-plan';
import type { Plan } from '../../domain/plan/plan';
import type { RunInput } from '../../domain/session/run-input';
import type { SessionResult } from '../../domain/session/session-result';
import { ensureServices, serviceStatus, stopServices, type Services } from '../../services';
import { RUN_PROJECT, sessionWorkflowId } from '../../workflows/messages';
import { TASK_QUEUE } from '../../domain/session/task-queue';

/** What a user has after `yokeflow up`, in a folder of its own: services and worker in processes of theirs, on disk. */
export interface Installation {
  folder: string;
  services: Services;
  db: Database;
  client: Client;
  import(plan: Plan, repository: string): Promise<void>;
  run(input: RunInput): Promise<SessionResult>;
  /** Of the worker that runs now. */
  workerPid(): Promise<number>;
  close(): Promise<void>;
}

const PATIENCE_MS = 60_000;

/** The services are up before their worker has loaded: the first session of a bench would be charged for that. */
async function workerPolls({ workflowService }: Connection): Promise<void> {
  const request = { namespace: 'default', taskQueue: { name: TASK_QUEUE } };
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await sleep(100)) {
    const { pollers } = await workflowService.describeTaskQueue(request);
    if (pollers?.length) return;
  }
  throw new Error(`no worker polls ${TASK_QUEUE}`);
}

/** `variables`: of the worker's environment, besides this process's own. */
export async function install(variables: Record<string, string> = {}): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'yokeflow-bench-'));
  const env = { ...process.env, ...variables, YOKEFLOW_HOME: folder };
  const services = await ensureServices({ env });
  await migrate(services.databaseUrl);
  const db = openDatabase(services.databaseUrl);
  const connection = await Connection.connect(services.temporal.connectConfig.connectionOptions);
  const client = new Client({ connection });
  await workerPolls(connection);
  return {
    folder,
    services,
    db,
    client,
    async import(plan, path) {
      await importInto(db, plan, { repository: path });
    },
    run: (input) =>
      client.workflow.execute<(input: RunInput) => Promise<SessionResult>>(RUN_PROJECT, {
        taskQueue: TASK_QUEUE,
        workflowId: sessionWorkflowId(input.project),
        args: [input],
      }),
    async workerPid() {
      const { programs } = await serviceStatus(env);
      const worker = programs.find(({ name, running }) => name === 'worker' && running);
      if (!worker) throw new Error('no worker runs');
      return worker.pid;
    },
    async close() {
      await connection.close();
      await db.close();
      await stopServices({ env });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
