import { ApplicationFailure } from '@temporalio/common';
import { lastActions } from '../../../client/status/actions';
import { fakeWorld } from '../../support/fake-world';
import { task } from '../../support/guide-tasks';
import { connectTemporal, type TemporalHarness } from '../../support/temporal';
import { until } from '../../support/until';

let temporal: TemporalHarness;
beforeAll(async () => {
  temporal = await connectTemporal();
});
afterAll(() => temporal.close());

test('what waits to be tried again says so; once it is, that it runs, and why again', async () => {
  let tries = 0;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const { activities } = fakeWorld([task(1, 1)], {
    async run() {
      if (++tries === 1)
        throw ApplicationFailure.create({ message: 'no space', type: 'GitFailed', nextRetryDelay: 6_000 });
      await finished;
      return { kind: 'done' };
    },
  });
  await temporal.startWorker(activities);
  const project = `actions-${process.pid}-${Date.now()}`;
  const handle = await temporal.client.workflow.start('runProject', {
    taskQueue: temporal.taskQueue,
    workflowId: `yokeflow-${project}`,
    args: [{ project, parallel: true }],
  });
  const last = async () => (await lastActions(temporal.client, project, [1])).get(1);
  try {
    let first: string | undefined;
    await until(async () => (first = await last()) !== undefined);
    expect(first).toBe('tried again after: no space');
    await until(() => tries === 2);
    expect(await last()).toBe('runs (attempt 2, after: no space)');
    const { namespace } = temporal.client.options;
    const execution = { workflowId: `yokeflow-${project}/epic-1` };
    const { pendingActivities } = await temporal.client.workflowService.describeWorkflowExecution({
      ...{ namespace, execution },
    });
    const id = pendingActivities[0]!.activityId!;
    // What the button of the Web UI does.
    await temporal.client.workflowService.pauseActivity({ namespace, execution, id });
    expect(await last()).toBe('paused in Temporal itself: press Unpause in the Web UI');
    await temporal.client.workflowService.unpauseActivity({ namespace, execution, id });
  } finally {
    finish();
  }
  await handle.result();
}, 20_000);
