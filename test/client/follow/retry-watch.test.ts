import { ApplicationFailure } from '@temporalio/common';
import { watchRetries } from '../../../client/follow/retry-watch';
import { retriesOf } from '../../../client/session/retries';
import { fakeWorld } from '../../support/fake-world';
import { task } from '../../support/guide-tasks';
import { connectTemporal, type TemporalHarness } from '../../support/temporal';

let temporal: TemporalHarness;
beforeAll(async () => {
  temporal = await connectTemporal();
});
afterAll(() => temporal.close());

test('a task that Temporal tries again and again is told of once, with its reason, and lands when it is over', async () => {
  let broken = true;
  const { activities } = fakeWorld([task(1, 1), task(2, 2)], {
    run({ task: id }) {
      if (id === 1 && broken)
        throw ApplicationFailure.create({
          type: 'GitFailed',
          message: 'no space\u001b[2J',
          nextRetryDelay: 50,
        });
      return { kind: 'done' };
    },
  });
  await temporal.startWorker(activities);
  const workflowId = 'yokeflow-retries';
  const handle = await temporal.client.workflow.start('runProject', {
    taskQueue: temporal.taskQueue,
    workflowId,
    args: [{ project: 'retries', parallel: true }],
  });
  const notices: string[] = [];
  const over = new AbortController();
  const watching = watchRetries(temporal, workflowId, {
    onNotice: (line) => notices.push(line),
    signal: over.signal,
    lookMs: 50,
  });
  while (!notices.length) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await retriesOf(temporal.client, workflowId)).toEqual([
    {
      ...{ what: 'T1', reason: 'no space␛[2J', type: 'GitFailed' },
      ...{ tries: expect.any(Number), running: expect.any(Boolean) },
    },
  ]);
  broken = false;
  await handle.result();
  over.abort();
  await watching;
  expect(notices).toEqual(['T1 is tried again and again: no space␛[2J']);
});
