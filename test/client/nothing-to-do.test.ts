import pc from 'picocolors';
import { createCli } from '../../client/cli/command';
import { followRun } from '../../client/follow/follow-run';
import { importPlan } from '../../db/plan/plan-import';
import { closeSession } from '../../db/session/session-close';
import { openSession } from '../../db/session/session-open';
import type { SessionResult } from '../../domain/session/session-result';
import { sessionWorkflowId } from '../../workflows/messages';
import { openFixture, type Fixture } from '../db/database';
import { repositoryOf, smallPlan, uniqueName } from '../db/scenario';
import { fakeWorld } from '../support/fake-world';
import { testTemporal } from '../support/services';
import { connectTemporal, type TemporalHarness } from '../support/temporal';
import { endpointsOf } from './captured-cli';

let fixture: Fixture;
let temporal: TemporalHarness;
beforeAll(async () => {
  fixture = await openFixture();
  temporal = await connectTemporal();
});
afterAll(async () => {
  await temporal.close();
  await fixture.close();
});

const tasks = { complete: 3, skipped: 0, failed: 0, blocked: 0, pending: 0 };
const result: SessionResult = {
  ...{ sessionId: 1, project: 'p', status: 'complete', epics: [], problems: [], notes: [] },
  ...{ tasks, durationSeconds: 0, costUsd: 0 },
};

it.each([
  [tasks, 'nothing to do: everything has landed'],
  [{ ...tasks, pending: 1 }, 'nothing to do: what was asked for has landed'],
])('a session in which nothing ran and nothing was merged says so: %j', async (counts, line) => {
  const project = uniqueName('idle');
  const plan = smallPlan(project);
  const { projectId } = await importPlan(fixture.db, { plan, repository: repositoryOf(project) });
  const { activities } = fakeWorld([]);
  const worker = await temporal.startWorker({
    ...activities,
    closeSession: () => Promise.resolve({ ...result, tasks: counts }),
  });
  const workflowId = sessionWorkflowId(project);
  const handle = await temporal.client.workflow.start('runProject', {
    args: [{ project }],
    taskQueue: temporal.taskQueue,
    workflowId,
  });
  const runId = handle.firstExecutionRunId;
  const { id: sessionId } = await openSession(fixture.db, { projectId, workflowId, runId, options: {} });
  await closeSession(fixture.db, { sessionId, status: 'complete' });

  const said: string[] = [];
  const cli = createCli({
    ...{ env: {}, cwd: '/', colours: pc.createColors(false), print: () => undefined },
    note: (text) => void said.push(text),
    services: () => Promise.reject(new Error('they run')),
    interruptible: (work) => work(new AbortController().signal),
  });
  const endpoints = endpointsOf(fixture.url, testTemporal().address);
  const connected = { db: fixture.db, client: temporal.client, endpoints };
  const session = { project, workflowId, runId, handle: temporal.client.workflow.getHandle(workflowId) };
  expect(await followRun(cli, connected, session)).toBe(0);
  expect(said).toEqual([line]);
  await worker.stop();
});
