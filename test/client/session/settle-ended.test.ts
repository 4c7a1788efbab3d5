import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { uniqueName } from '../../db/scenario';
import { fakeWorld } from '../../support/fake-world';
import { testTemporal } from '../../support/services';
import { givenSession, openBoth } from '../both';
import { cli } from '../captured-cli';

const at = openBoth();

it('a session that another version began, and that this one cannot go on with, says so and what to do', async () => {
  const project = uniqueName('settle');
  const { id, handle } = await givenSession(at, project);
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
  const project = uniqueName('settle');
  const { id, handle } = await givenSession(at, project);
  await expect(handle.result()).rejects.toThrow();
  const { stdout } = await cli(['status', '--project', project], at.endpoints);
  expect(stdout).toMatch(
    new RegExp(`^${project}: session ${id} failed in .*: its workflow failed: there is no session 7`),
  );
}, 120_000);
