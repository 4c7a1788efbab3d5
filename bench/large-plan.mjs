// npm run -s bench:large-plan -- [--tasks 2000] [--epics 200] [--concurrency 10] [--real]
// Runs one session of tasks that do nothing, and says what each costs: time, history events, memory.
// By default only Temporal and the workflows are real; with --real so are git, PostgreSQL, worktrees and scripts.
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { makeSteps } from './no-op-steps.mjs';
import { realSteps } from './real-steps.mjs';

const require = createRequire(import.meta.url);
const { Client, Connection } = require('@temporalio/client');
const { DefaultLogger, NativeConnection, Runtime, Worker } = require('@temporalio/worker');
const { forgetOtherServers } = require('../dist/bench/support/own-servers');
const { ensureServices, stopServices } = require('../dist/services');
const { freePort } = require('../dist/services/ports');
const { postgresDataDir } = require('../dist/services/supervision/bring-up');

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '2000' },
    epics: { type: 'string', default: '200' },
    concurrency: { type: 'string', default: '10' },
    drain: { type: 'string' },
    real: { type: 'boolean', default: false },
  },
});
const size = { tasks: Number(values.tasks), epics: Number(values.epics) };
const PROJECT = 'large';

/** The plan by numbers: each task after the one before it in its epic, every tenth also after one of the epic before. */
function planOf({ tasks, epics }) {
  return Array.from({ length: tasks }, (_, index) => {
    const dependsOn = [];
    if (index >= epics) dependsOn.push(index + 1 - epics);
    if (index % 10 === 9) dependsOn.push(index);
    return { id: index + 1, epic: (index % epics) + 1, priority: 100, dependsOn: [...new Set(dependsOn)] };
  });
}

async function main() {
  forgetOtherServers();
  Runtime.install({ logger: new DefaultLogger('WARN') });
  const folder = await mkdtemp(path.join(os.tmpdir(), 'yokeflow-bench-'));
  const env = {
    ...process.env,
    YOKEFLOW_HOME: path.join(folder, 'home'),
    YOKEFLOW_TEMPORAL_PORT: String(await freePort()),
    YOKEFLOW_UI_PORT: String(await freePort()),
    YOKEFLOW_POSTGRES_PORT: String(await freePort()),
  };
  try {
    const services = await ensureServices({ env, worker: false, onProgress: (line) => console.error(line) });
    await measure(services, folder);
  } finally {
    await stopServices({ env });
    await rm(await postgresDataDir(env.YOKEFLOW_HOME), { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(services, folder) {
  const { address } = services.temporal;
  const plan = planOf(size);
  const steps = values.real ? await realSteps({ services, folder, plan, project: PROJECT }) : makeSteps(plan);
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue: 'yokeflow',
    activities: steps.activities,
    workflowBundle: { codePath: path.resolve(import.meta.dirname, '../dist/workflow-bundle.js') },
    interceptors: { activity: [require('../dist/activities').createHeartbeat] },
    stickyQueueScheduleToStartTimeout: '5s',
    maxHeartbeatThrottleInterval: '2s',
    maxConcurrentActivityTaskExecutions: 40,
    isolateExecutionTimeout: '1 minute',
  });
  const client = new Client({ connection: await Connection.connect({ address }) });
  const peak = watchMemory();
  await worker.runUntil(async () => {
    const started = Date.now();
    const handle = await client.workflow.start('runProject', {
      taskQueue: 'yokeflow',
      workflowId: `yokeflow-${PROJECT}`,
      args: [
        { project: PROJECT, parallel: true, maxConcurrency: Number(values.concurrency) },
        ...(values.drain ? [{ drainAtEvents: Number(values.drain) }] : []),
      ],
    });
    const queried = await slowestQuery(handle);
    await resultOf(client.workflow.getHandle(handle.workflowId));
    const seconds = (Date.now() - started) / 1000;
    report({ seconds, peak: peak(), ...queried(), ...(await events(client)) });
  });
  await client.connection.close();
  await connection.close();
  await steps.close();
}

/** An overloaded server does not answer for a moment; the session is not concerned. */
async function resultOf(handle) {
  for (;;) {
    try {
      return await handle.result();
    } catch (error) {
      if (error.name !== 'ServiceError') throw error;
      await sleep(1_000);
    }
  }
}

/** Asks for the status every few seconds: how large does it get, and how long does it take? */
async function slowestQuery(handle) {
  let [bytes, ms] = [0, 0];
  const timer = setInterval(async () => {
    const asked = Date.now();
    const status = await handle.query('status').catch(() => null);
    if (!status) return;
    bytes = Math.max(bytes, JSON.stringify(status).length);
    ms = Math.max(ms, Date.now() - asked);
  }, 5_000);
  return () => {
    clearInterval(timer);
    return { bytes, queryMs: ms };
  };
}

function watchMemory() {
  let heap = 0;
  const timer = setInterval(() => (heap = Math.max(heap, process.memoryUsage().heapUsed)), 500);
  return () => {
    clearInterval(timer);
    return { rss: process.resourceUsage().maxRSS / 1024, heap: heap / 1024 / 1024 };
  };
}

async function events(client) {
  const runs = { parent: [], children: [] };
  for await (const { workflowId, runId } of client.workflow.list()) {
    const { historyLength, historySize } = await client.workflow.getHandle(workflowId, runId).describe();
    runs[workflowId.includes('/') ? 'children' : 'parent'].push({ historyLength, historySize });
  }
  return runs;
}

const sum = (runs, key) => runs.reduce((total, run) => total + run[key], 0);

function report({ seconds, peak, bytes, queryMs, parent, children }) {
  const each = (count) => (count / size.tasks).toFixed(1);
  const largest = Math.max(...parent.map((run) => run.historySize ?? 0));
  console.log(
    `${size.tasks} tasks in ${size.epics} epics, ${values.concurrency} at a time${values.real ? ', real git and scripts' : ', no-op activities'}`,
  );
  console.log(
    `time             ${seconds.toFixed(1)} s, ${((seconds / size.tasks) * 1000).toFixed(1)} ms a task`,
  );
  console.log(
    `parent           ${sum(parent, 'historyLength')} events in ${parent.length} runs, ${each(sum(parent, 'historyLength'))} a task, largest ${(largest / 1e6).toFixed(1)} MB`,
  );
  console.log(
    `children         ${sum(children, 'historyLength')} events in ${children.length} runs, ${each(sum(children, 'historyLength'))} a task`,
  );
  console.log(`status query     at most ${(bytes / 1000).toFixed(0)} kB, ${queryMs} ms`);
  console.log(
    `worker           peak ${peak.rss.toFixed(0)} MB resident, ${peak.heap.toFixed(0)} MB JavaScript heap of the main thread`,
  );
}

// A worker that stops rejects in several places at once: the services have to be stopped all the same.
process.on('unhandledRejection', (error) => console.error(error));
await main();
