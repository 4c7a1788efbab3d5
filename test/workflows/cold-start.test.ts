import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import {
  cancelTaskUpdate,
  pauseUpdate,
  planChangedUpdate,
  resumeUpdate,
  retryTaskUpdate,
  setBudgetUpdate,
  setMaxConcurrencyUpdate,
  skipTaskUpdate,
  statusQuery,
  taskSettledSignal,
} from '../../workflows/messages';
import { fakeWorld, untilCancelled } from '../support/fake-world';
import { task } from '../support/guide-tasks';
import { testWorkflowBundle } from '../support/services';
import { connectTemporal, type TemporalHarness } from '../support/temporal';
import { until } from '../support/until';

let own: TemporalHarness;
beforeAll(async () => {
  own = await connectTemporal();
});
afterAll(() => own.close());

const replay = (history: unknown, id: string) =>
  Worker.runReplayHistory({ workflowBundle: { codePath: testWorkflowBundle() } }, history, id);

/** All that it has heard of has been taken in. */
const isIdle = async (handle: WorkflowHandle) => {
  const { events } = await handle.fetchHistory();
  const news = events!.findLastIndex((event) => event.workflowExecutionSignaledEventAttributes);
  return events!.findLastIndex((event) => event.workflowTaskCompletedEventAttributes) > news;
};

/**
 * The worker that begins after another one gets the last signal of the history and the update at once, where nothing came
 * of that signal; whoever replays it later gets one after the other (temporalio/sdk-python#1591).
 */
test('what a person asks for while the worker is replaced: every later worker can go on from there', async () => {
  const world = fakeWorld([task(1, 1), task(2, 2), task(3, 3)], { run: untilCancelled });
  const project = `cold-start-${process.pid}-${Date.now()}`;
  let worker = await own.startWorker(world.activities);
  const handle = await own.client.workflow.start('runProject', {
    taskQueue: own.taskQueue,
    workflowId: `yokeflow-${project}`,
    args: [{ parallel: true, maxConcurrency: 1, onFailure: 'wait', project }],
  });
  await until(() => world.log.includes('run 1'));
  const updates = [
    () => handle.executeUpdate(pauseUpdate),
    () => handle.executeUpdate(setMaxConcurrencyUpdate, { args: [2] }),
    () => handle.executeUpdate(cancelTaskUpdate, { args: [3] }),
    () => handle.executeUpdate(retryTaskUpdate, { args: [3] }),
    () => handle.executeUpdate(setBudgetUpdate, { args: [9] }),
    () => handle.executeUpdate(planChangedUpdate),
    () => handle.executeUpdate(resumeUpdate),
    () => handle.executeUpdate(pauseUpdate),
    () => handle.executeUpdate(skipTaskUpdate, { args: [2] }),
  ];
  for (const update of updates) {
    await until(() => isIdle(handle));
    // Of a task that does not run: it is taken in, and changes nothing.
    await handle.signal(taskSettledSignal, { sessionId: 1, task: 2, outcome: 'failed', reason: 'late' });
    await until(() => isIdle(handle));
    await worker.stop();
    const answer = update();
    await new Promise((resolve) => setTimeout(resolve, 300));
    worker = await own.startWorker(world.activities);
    await answer;
    await expect(replay(await handle.fetchHistory(), handle.workflowId)).resolves.toBeUndefined();
  }
  expect((await handle.query(statusQuery)).state).toBe('paused');
});
