import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkflowFailedError, type ClientInterceptors, type WorkflowHandle } from '@temporalio/client';
import { createActivities, type Activities } from '../../activities';
import { createRedactor } from '../../agents/contract/redact';
import { createAgents } from '../../agents/registry';
import { openDatabase, type Database } from '../../db/connection/connection';
import { importInto } from '../../client/plan/import-plan';
import type { Plan } from '../../domain/plan/plan';
import type { RunInput } from '../../domain/session/run-input';
import type { SessionResult } from '../../domain/session/session-result';
import { createGh } from '../../hosting/gh';
import { TASK_QUEUE } from '../../domain/session/task-queue';
import { removeTemporaryFolders } from './git-repository';
import { testDatabase } from './services';
import { connectTemporal, type TemporalHarness } from './temporal';

export interface Ended {
  /** How the workflow closed: `complete`, or the type of its failure. */
  outcome: string;
  message: string;
  result: SessionResult | undefined;
}

/** The whole system but for its processes: real git, PostgreSQL, Temporal, worker and agents. */
export interface System {
  db: Database;
  databaseUrl: string;
  temporal: TemporalHarness;
  /** A folder that goes away with the system. */
  folder: string;
  import(plan: Plan, repository: string): Promise<void>;
  start(input: RunInput): Promise<WorkflowHandle<RunProject>>;
  run(input: RunInput): Promise<Ended>;
  close(): Promise<void>;
}

type RunProject = (input: RunInput) => Promise<SessionResult>;

export interface SystemOptions {
  /** The worker's environment. */
  environment?: NodeJS.ProcessEnv;
  secrets?: string[];
  /** What comes between Temporal and the activities: a worker that is lost at a chosen moment, say. */
  around?: (activities: Activities) => Activities;
  /** The address by which the worker reaches the database: by way of a proxy, say. */
  workersUrl?: (databaseUrl: string) => Promise<string>;
  /** What comes between the worker's own calls of Temporal and the server. */
  interceptors?: ClientInterceptors;
  /** Of a Temporal server of the test's own, where workers are processes that the test starts itself. */
  ownTemporal?: { address: string; namespace?: string };
}

let systems = 0;

/** Projects of different tests share a Temporal server: their names must differ. */
export const projectName = (): string => `p${process.pid}-${Date.now().toString(36)}-${++systems}`;

export async function startSystem({
  environment = process.env,
  secrets = [],
  around = (activities) => activities,
  workersUrl = async (url) => url,
  interceptors = {},
  ownTemporal,
}: SystemOptions = {}): Promise<System> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'yokeflow-system-')));
  const database = await testDatabase();
  const db = openDatabase(database.url, { max: 10 });
  const workersDb = openDatabase(await workersUrl(database.url), { max: 10 });
  const temporal = await connectTemporal(ownTemporal ? { ...ownTemporal, taskQueue: TASK_QUEUE } : {});
  const redact = createRedactor(secrets);
  if (!ownTemporal) {
    const stateDirectory = join(folder, 'agents');
    const withhold = createRedactor(secrets, []);
    const agents = createAgents({ environment, stateDirectory, redact, withhold });
    const outputs = join(folder, 'outputs');
    const gh = createGh(environment);
    const activities = createActivities({ db: workersDb, agents, environment, gh, redact, outputs });
    await temporal.startWorker(around(activities), interceptors);
  }
  const start: System['start'] = (input) =>
    temporal.client.workflow.start<RunProject>('runProject', {
      taskQueue: temporal.taskQueue,
      workflowId: `yokeflow-${input.project}`,
      args: [input],
    });
  return {
    db,
    databaseUrl: database.url,
    temporal,
    folder,
    async import(plan, path) {
      await importInto(db, plan, { repository: path });
    },
    start,
    run: async (input) => endOf((await start(input)).result()),
    async close() {
      await temporal.close();
      await Promise.all([db.close(), workersDb.close()]);
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * A system for all tests of a file: there once they run, and gone after them, with the repositories that they made. To be
 * called where the file begins.
 */
export function useSystem(options?: SystemOptions): System {
  const system = {} as System;
  beforeAll(async () => {
    Object.assign(system, await startSystem(options));
  });
  afterAll(async () => {
    await system.close();
    await removeTemporaryFolders();
  });
  return system;
}

export async function endOf(result: Promise<SessionResult>): Promise<Ended> {
  try {
    return { outcome: 'complete', message: '', result: await result };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const cause = error.cause as Error & { type?: string; details?: SessionResult[] };
    return { outcome: cause.type ?? cause.name, message: cause.message, result: cause.details?.[0] };
  }
}
