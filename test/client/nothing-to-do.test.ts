import pc from 'picocolors';
import { createCli } from '../../client/cli/command';
import { followRun } from '../../client/follow/follow-run';
import { closeSession } from '../../db/session/session-close';
import type { SessionResult } from '../../domain/session/session-result';
import { uniqueName } from '../db/scenario';
import { fakeWorld } from '../support/fake-world';
import { givenSession, openBoth } from './both';

const at = openBoth();

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
  const { activities } = fakeWorld([]);
  const worker = await at.temporal.startWorker({
    ...activities,
    closeSession: () => Promise.resolve({ ...result, tasks: counts }),
  });
  const { id: sessionId, handle } = await givenSession(at, project);
  const { workflowId, firstExecutionRunId: runId } = handle;
  await closeSession(at.db, { sessionId, status: 'complete' });

  const said: string[] = [];
  const cli = createCli({
    ...{ env: {}, cwd: '/', colours: pc.createColors(false), print: () => undefined },
    note: (text) => void said.push(text),
    services: () => Promise.reject(new Error('they run')),
    interruptible: (work) => work(new AbortController().signal),
  });
  const { endpoints } = at;
  const connected = { db: at.db, client: at.temporal.client, endpoints };
  const session = { project, workflowId, runId, handle: at.temporal.client.workflow.getHandle(workflowId) };
  expect(await followRun(cli, connected, session)).toBe(0);
  expect(said).toEqual([line]);
  await worker.stop();
});
