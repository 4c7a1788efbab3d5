import { Client, Connection } from '@temporalio/client';
import { importPlan } from '../../../db/plan/plan-import';
import { openSession } from '../../../db/session/session-open';
import { latestSession } from '../../../db/session/sessions';
import { sessionWorkflowId } from '../../../workflows/messages';
import { openFixture, type Fixture } from '../../db/database';
import { repositoryOf, smallPlan, uniqueName } from '../../db/scenario';
import { testTemporalCli } from '../../support/services';
import { startTestTemporal, type TestTemporal } from '../../support/test-temporal';
import { cli, endpointsOf } from '../captured-cli';

let fixture: Fixture;
let temporal: TestTemporal;
let connection: Connection;
beforeAll(async () => {
  fixture = await openFixture();
  // Servers have it switched off by default.
  temporal = await startTestTemporal(testTemporalCli(), {
    dynamicConfig: ['frontend.WorkflowPauseEnabled=true'],
  });
  connection = await Connection.connect({ address: temporal.address });
});
afterAll(async () => {
  await connection.close();
  await temporal.stop();
  await fixture.close();
});

it('a session whose workflow somebody paused in Temporal itself is open: it is followed, and not closed', async () => {
  const { db } = fixture;
  const project = uniqueName('paused');
  const plan = smallPlan(project);
  const { projectId } = await importPlan(db, { plan, repository: repositoryOf(project) });
  const client = new Client({ connection });
  const workflowId = sessionWorkflowId(project);
  const handle = await client.workflow.start('runProject', {
    ...{ args: [{ project }], taskQueue: 'yokeflow', workflowId },
  });
  const runId = handle.firstExecutionRunId;
  await openSession(db, { projectId, workflowId, runId, options: {} });
  const { namespace } = client.options;
  await client.workflowService.pauseWorkflowExecution({ namespace, workflowId, reason: 'a look at it' });
  expect((await handle.describe()).status.name).toBe('PAUSED');

  const yokeflow = (...argv: string[]) =>
    cli([...argv, '--project', project], endpointsOf(fixture.url, temporal.address));
  expect(JSON.parse((await yokeflow('status', '--json')).stdout)).toMatchObject({
    session: { status: 'running', endedAt: null },
    steps: [
      {
        problem: `The workflow ${workflowId} is paused in Temporal itself: a look at it`,
        commands: [`yokeflow temporal -- workflow unpause -w ${workflowId}`],
      },
    ],
    worker: null,
  });
  expect((await latestSession(db, project))!.endedAt).toBeNull();
  expect(await yokeflow('run', '--detach')).toMatchObject({
    ...{ code: 0, stderr: expect.stringContaining(`${project} has a session open already: it goes on`) },
  });
  await handle.terminate();
});
