import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { importPlan } from '../../../db/plan/plan-import';
import { openSession } from '../../../db/session/session-open';
import { sessionWorkflowId } from '../../../workflows/messages';
import { repositoryOf, smallPlan, uniqueName } from '../../db/scenario';
import { fakeWorld } from '../../support/fake-world';
import { testTemporal } from '../../support/services';
import { openBoth } from '../both';
import { cli } from '../captured-cli';

const at = openBoth();

/** A session that is on record as open. */
async function givenSession() {
  const project = uniqueName('settle');
  const { projectId } = await importPlan(at.db, {
    plan: smallPlan(project),
    repository: repositoryOf(project),
  });
  const workflowId = sessionWorkflowId(project);
  const handle = await at.temporal.client.workflow.start('runProject', {
    args: [{ project }],
    taskQueue: at.temporal.taskQueue,
    workflowId,
  });
  const runId = handle.firstExecutionRunId;
  const { id } = await openSession(at.db, { projectId, workflowId, runId, options: {} });
  return { project, id, handle };
}

it('a session that another version began, and that this one cannot go on with, says so and what to do', async () => {
  const { project, id, handle } = await givenSession();
  const connection = await NativeConnection.connect({ address: testTemporal().address });
  const other = await Worker.create({
    connection,
    taskQueue: at.temporal.taskQueue,
    workflowsPath: require.resolve('../../support/other-version'),
  });
  await other.runUntil(async () => {
    const waits = async () =>
      (await handle.fetchHistory()).events!.some((event) => event.timerStartedEventAttributes);
    while (!(await waits())) await new Promise((resolve) => setTimeout(resolve, 50));
  });
  await connection.close();
  const worker = await at.temporal.startWorker(fakeWorld([]).activities);
  await handle.signal('costChanged', { sessionId: 0, totalUsd: 0, tasks: [] });
  await expect(handle.result()).rejects.toThrow();
  await worker.stop();
  const { stdout } = await cli(['status', '--project', project], at.endpoints);
  expect(stdout).toMatch(
    new RegExp(
      `^${project}: session ${id} failed in .*: its workflow failed: another version of YokeFlow began it`,
    ),
  );
  expect(stdout).toContain(`yokeflow run --project ${project}`);
}, 120_000);

it('a session whose workflow failed says why', async () => {
  const closeSession = () => Promise.reject(ApplicationFailure.nonRetryable('there is no session 7'));
  await at.temporal.startWorker({ ...fakeWorld([]).activities, closeSession });
  const { project, id, handle } = await givenSession();
  await expect(handle.result()).rejects.toThrow();
  const { stdout } = await cli(['status', '--project', project], at.endpoints);
  expect(stdout).toMatch(
    new RegExp(`^${project}: session ${id} failed in .*: its workflow failed: there is no session 7`),
  );
}, 120_000);
