import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { setTimeout as sleep } from 'node:timers/promises';
import pc from 'picocolors';
import { createCli } from '../../../client/cli/command';
import { UsageError } from '../../../client/cli/exit';
import { leaveRunning } from '../../../client/follow/leave-running';
import type { Activities } from '../../../activities/scope/contract';
import { appendEvent } from '../../../db/events/events';
import { importPlan } from '../../../db/plan/plan-import';
import { closeSession } from '../../../db/session/session-close';
import { openSession } from '../../../db/session/session-open';
import { sessionWorkflowId } from '../../../workflows/messages';
import { repositoryOf, smallPlan, uniqueName } from '../../db/scenario';
import { fakeWorld } from '../../support/fake-world';
import { openBoth } from '../both';

const at = openBoth();

/** Long, so that what answers early is seen to. */
const WITHIN_MS = 30_000;

/** Starts a session whose worker answers like this, and leaves it. */
async function left(
  answers: Partial<Activities>,
  options: { json?: boolean; withinMs?: number } = {},
  interrupted = new AbortController().signal,
) {
  const project = uniqueName('left');
  const plan = smallPlan(project);
  const { projectId } = await importPlan(at.db, { plan, repository: repositoryOf(project) });
  const workflowId = sessionWorkflowId(project);
  const worker = await at.temporal.startWorker({ ...fakeWorld([]).activities, ...answers });
  const { firstExecutionRunId: runId } = await at.temporal.client.workflow.start('runProject', {
    ...{ args: [{ project }], taskQueue: at.temporal.taskQueue, workflowId },
  });
  const said: string[] = [];
  const printed: string[] = [];
  const cli = createCli({
    ...{ env: {}, cwd: '/', colours: pc.createColors(false), print: (text) => void printed.push(text) },
    note: (text) => void said.push(text),
    services: () => Promise.reject(new Error('they run')),
    interruptible: (work) => work(interrupted),
  });
  const handle = at.temporal.client.workflow.getHandle(workflowId);
  const { endpoints } = at;
  const session = { project, workflowId, runId, handle };
  const connected = { db: at.db, client: at.temporal.client, endpoints };
  const row = async () => (await openSession(at.db, { projectId, workflowId, runId, options: {} })).id;
  const leave = () => leaveRunning(cli, connected, session, { withinMs: WITHIN_MS, ...options });
  return { leave, row, said, printed, project, handle, stop: () => worker.stop() };
}

const refuse = () =>
  Promise.reject(ApplicationFailure.nonRetryable('another session runs: wait for it', 'ProjectBusy'));
const never = () => Context.current().cancelled;

it('a session that is refused is an error, as where it is followed', async () => {
  const { leave, printed, stop } = await left({ openSession: refuse }, { json: true });
  await expect(leave()).rejects.toThrow(new UsageError('another session runs: wait for it'));
  expect(printed).toEqual([]);
  await stop();
});

it('a session with nothing to do says so, and what came of it', async () => {
  const { leave, row, said, printed, stop } = await left({});
  await closeSession(at.db, { sessionId: await row(), status: 'complete' });
  expect(await leave()).toBe(0);
  expect(said).toEqual([expect.stringMatching(/^nothing to do/)]);
  expect(printed.join('\n')).toMatch(/session \d+ complete/);
  await stop();
});

it('Ctrl-C leaves it at once, and says how to follow it', async () => {
  const { leave, printed, project, handle, stop } = await left(
    { openSession: never },
    {},
    AbortSignal.abort(),
  );
  const started = Date.now();
  expect(await leave()).toBe(130);
  expect(Date.now() - started).toBeLessThan(WITHIN_MS / 2);
  expect(printed[0]).toContain(`Follow it: yokeflow watch --project ${project}`);
  await handle.terminate();
  await stop();
});

it('a session that works is left at its first event', async () => {
  const { leave, row, said, printed, project, handle, stop } = await left({ openSession: never });
  const sessionId = await row();
  await appendEvent(at.db, { sessionId, type: 'batch_started', data: { batch: 1, tasks: 1 } });
  const started = Date.now();
  expect(await leave()).toBe(0);
  expect(Date.now() - started).toBeLessThan(WITHIN_MS / 2);
  expect(printed[0]).toContain(`Follow it: yokeflow watch --project ${project}`);
  expect(said).toEqual([]);
  await handle.terminate();
  await stop();
});

it('a session that a worker has taken, and which has not begun, is not called waiting', async () => {
  const { leave, said, handle, stop } = await left({ openSession: never }, { withinMs: 1_500 });
  // Its start, and the first task for a worker: what comes after these two is of the worker that has taken it.
  while ((await handle.describe()).historyLength <= 2) await sleep(20);
  const started = Date.now();
  expect(await leave()).toBe(0);
  expect(Date.now() - started).toBeLessThan(8_000);
  expect(said).toEqual([expect.stringContaining('a worker looks at project and repository')]);
  await handle.terminate();
  await stop();
});
