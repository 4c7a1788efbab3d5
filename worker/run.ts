import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { createActivities, createHeartbeat } from '../activities';
import { removeOldConversations } from '../agents/cli/state-directory';
import { createRedactor } from '../agents/contract/redact';
import { proxiedFetch } from '../agents/provider/proxied-fetch';
import { createAgents } from '../agents/registry';
import { openDatabase, type Database } from '../db/connection/connection';
import { databaseId, databasePlace } from '../db/connection/identity';
import { HEARTBEAT_KEPT_MS } from '../domain/session/activity-limits';
import { TASK_QUEUE } from '../domain/session/task-queue';
import { migrate } from '../db/connection/migrate';
import { newClaim } from '../git/repository/claim';
import { channelsFrom } from '../notify/channels';
import { startNotifier } from '../notify/notifier';
import { homePaths } from '../services/home';
import { readSettings } from '../services/settings';
import { workerIdentity } from '../services/temporal/pollers';
import { closeEndedSessions } from './ended-sessions';
import { watchLeftovers } from './leftovers';
import { holdNamespace, takeNamespace } from './namespace';
import { runGitBySpawner } from './git-spawner';
import { createGh } from '../hosting/gh';
import { startRounds } from './rounds';
import { secretsIn, withoutSecrets } from './secrets';
import { hearStopSignals } from './stop-signals';
import { tellOfStuck } from './stuck-sessions';
import { ACTIVITIES_END_WITHIN_MS, LAST_WORDS_MS } from './stop-times';
import { keepTemporaryFolders } from './temporary-folders';

/** Each activity holds a connection only for short statements; agents run for hours without one. */
const DATABASE_CONNECTIONS = 10;
const CONCURRENT_ACTIVITIES = 40;

export interface WorkerStart {
  environment: NodeJS.ProcessEnv;
  /** Whether it is started again when it ends. */
  supervised: boolean;
}

/**
 * Runs a worker until SIGTERM, SIGINT or SIGHUP. Where Temporal and PostgreSQL are comes from the environment:
 * `DATABASE_URL`, and `TEMPORAL_ADDRESS` or a temporal.toml profile.
 * @throws NamespaceTaken where the sessions there are another database's
 */
export async function runWorker({ environment, supervised }: WorkerStart): Promise<void> {
  const { databaseUrl, temporal, namespace, home } = readSettings(environment);
  if (!databaseUrl || !temporal)
    throw new Error(
      'DATABASE_URL or TEMPORAL_ADDRESS is not set: start the worker with "yokeflow worker" or "yokeflow up"',
    );
  const { connectionOptions } = temporal;
  const { conversations, outputs } = homePaths(home);
  await migrate(databaseUrl);
  const db = openDatabase(databaseUrl, { max: DATABASE_CONNECTIONS });
  const claim = newClaim(await databaseId(db), { home, server: await databasePlace(db) });
  const place = { db, connectionOptions, namespace, claim, log };
  const onRecord = await takeNamespace(place, { waits: supervised });
  const connection = await NativeConnection.connect(connectionOptions);
  hearStopSignals();
  const secrets = secretsIn(environment);
  const redact = createRedactor(secrets);
  const notifier = notifierFor(db, environment, redact);
  const client = new Client({ connection, namespace });
  const held = holdNamespace(client, claim, onRecord);
  const leftovers = watchLeftovers({ db, client, log });
  const closeEnded = closeEndedSessions({ db, client, log });
  const sessions = startRounds(async () => {
    await closeEnded();
    await tellOfStuck({ db, client });
  });
  const closeSpawner = runGitBySpawner();
  void removeOldConversations(conversations);
  const stopKeeping = keepTemporaryFolders();
  try {
    const withhold = createRedactor(secrets, []);
    const agents = createAgents({ environment, stateDirectory: conversations, redact, withhold });
    const activities = createActivities({
      db,
      agents,
      redact,
      environment: withoutSecrets(environment),
      gh: createGh(environment),
      outputs,
    });
    const worker = await Worker.create({
      connection,
      namespace,
      identity: workerIdentity(claim.database),
      activities,
      ...workflows(),
      ...TUNING,
      ...PATIENCE,
      interceptors: { activity: [createHeartbeat, held.guard] },
    });
    const stopWatching = held.watch(() => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
    });
    await worker.run().finally(stopWatching);
    const lost = held.lost();
    if (lost) throw lost;
  } finally {
    await soon(Promise.all([notifier.stop(), leftovers.stop(), sessions.stop()]));
    closeSpawner();
    stopKeeping();
    await soon(Promise.all([connection.close(), db.close()]));
  }
}

const soon = (work: Promise<unknown>) =>
  Promise.race([work, sleep(LAST_WORDS_MS, undefined, { ref: false })]);

const log = (line: string) => void process.stderr.write(`yokeflow worker: ${line}\n`);

function notifierFor(db: Database, environment: NodeJS.ProcessEnv, redact: (text: string) => string) {
  const { channels, problem } = channelsFrom(environment, proxiedFetch);
  if (problem) log(problem);
  return startNotifier({ db, channels, redact, log });
}

/** Measured in docs/decisions: a worker that stops hands its agents over at once; one that is killed is noticed soon. */
const TUNING = {
  taskQueue: TASK_QUEUE,
  shutdownGraceTime: 0,
  shutdownForceTime: ACTIVITIES_END_WITHIN_MS,
  maxHeartbeatThrottleInterval: HEARTBEAT_KEPT_MS,
  defaultHeartbeatThrottleInterval: '1s',
  stickyQueueScheduleToStartTimeout: '5s',
  maxConcurrentActivityTaskExecutions: CONCURRENT_ACTIVITIES,
  // The server hands work to the polls of a worker that is frozen, up to one heartbeat timeout for each of them.
  activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
  // A defect in workflow code must end the session with an error, not leave it open for ever.
  workflowFailureErrorTypes: { '*': ['Error'] },
} satisfies Partial<WorkerOptions>;

/**
 * By default, workflow code that runs for five seconds is cut off, and Node then aborts the whole worker ("async hook
 * stack has become corrupted", temporalio/sdk-typescript#939): a plan of ten thousand tasks on an overloaded machine
 * came there. The SDK takes this option, but does not declare it.
 */
const PATIENCE = { isolateExecutionTimeout: '1 minute' };

/** The bundle that the build made; from sources, the worker bundles by itself. */
function workflows(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const codePath = join(__dirname, '..', 'workflow-bundle.js');
  if (existsSync(codePath)) return { workflowBundle: { codePath } };
  return { workflowsPath: require.resolve('../workflows') };
}
