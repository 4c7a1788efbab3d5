import type { Endpoints } from '../../../services';
import { importPlan } from '../../../db/plan/plan-import';
import { closeSession } from '../../../db/session/session-close';
import { openSession } from '../../../db/session/session-open';
import type { SessionResult } from '../../../domain/session/session-result';
import { sessionWorkflowId } from '../../../workflows/messages';
import { repositoryOf, smallPlan, uniqueName } from '../../db/scenario';
import { fakeWorld } from '../../support/fake-world';
import { openBoth } from '../both';
import { cli, endpointsOf } from '../captured-cli';

const at = openBoth();

const nothing = { complete: 0, skipped: 0, failed: 0, blocked: 0, pending: 0 };
const incomplete: SessionResult = {
  ...{ sessionId: 1, project: 'p', status: 'incomplete', tasks: nothing, problems: [], notes: [] },
  ...{ durationSeconds: 1, costUsd: 0 },
  epics: [
    { epic: 1, status: 'merged', mergeCommit: 'a'.repeat(40) },
    { epic: 2, status: 'lost', reason: 'its workflow was terminated: by mistake' },
  ],
};

it('status tells why an epic was lost, which only Temporal knows; without Temporal it tells the rest', async () => {
  const project = uniqueName('lost');
  const { projectId } = await importPlan(at.db, {
    plan: smallPlan(project),
    repository: repositoryOf(project),
  });
  const { activities } = fakeWorld([{ id: 1, epic: 1, priority: 1, dependsOn: [] }]);
  await at.temporal.startWorker({ ...activities, closeSession: () => Promise.resolve(incomplete) });
  const workflowId = sessionWorkflowId(project);
  const handle = await at.temporal.client.workflow.start('runProject', {
    args: [{ project }],
    taskQueue: at.temporal.taskQueue,
    workflowId,
  });
  const runId = handle.firstExecutionRunId;
  const { id: sessionId } = await openSession(at.db, { projectId, workflowId, runId, options: {} });
  await closeSession(at.db, { sessionId, status: 'incomplete' });
  await expect(handle.result()).rejects.toThrow();

  const status = (endpoints: Endpoints) => cli(['status', '--project', project], endpoints);
  const { stdout } = await status(at.endpoints);
  expect(stdout).toContain('\nEpic 2 Frontend  lost: its workflow was terminated: by mistake\n');
  expect(stdout).toContain(
    '  Epic 2 Frontend was lost: its workflow was terminated: by mistake; its work is kept\n' +
      `    yokeflow run --project ${project}\n`,
  );
  const alone = await status(endpointsOf(at.endpoints.databaseUrl));
  expect(alone.code).toBe(0);
  expect(alone.stdout).toContain('\nEpic 2 Frontend\n');
});
