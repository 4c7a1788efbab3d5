import { Worker } from '@temporalio/worker';
import { fakeWorld, type FakeAnswers } from '../support/fake-world';
import { testWorkflowBundle } from '../support/services';
import { connectTemporal, type TemporalHarness } from '../support/temporal';
import { guide } from '../support/guide-tasks';

let temporal: TemporalHarness;
beforeAll(async () => {
  temporal = await connectTemporal();
});
afterAll(() => temporal.close());

/** Runs a session to its end and replays what it and one of its epics went through, as a restarted worker does. */
async function replay(name: string, input: Record<string, unknown>, answers: FakeAnswers): Promise<void> {
  const worker = await temporal.startWorker(fakeWorld(guide, answers).activities);
  const project = `replay-${name}-${process.pid}-${Date.now()}`;
  const handle = await temporal.client.workflow.start('runProject', {
    taskQueue: temporal.taskQueue,
    workflowId: `yokeflow-${project}`,
    args: [{ project, ...input }],
  });
  await handle.result().catch(() => undefined);
  await worker.stop();
  const epic = input.parallel ? 'epic-1' : 'sequential';
  for (const id of [`yokeflow-${project}`, `yokeflow-${project}/${epic}`]) {
    const history = await temporal.client.workflow.getHandle(id).fetchHistory();
    await Worker.runReplayHistory({ workflowBundle: { codePath: testWorkflowBundle() } }, history, id);
  }
}

test.each([
  ['parallel', { parallel: true }, {}],
  ['batches', { parallel: true, scheduling: 'batches' }, {}],
  ['sequential', {}, {}],
  [
    'failing',
    { parallel: true, maxAttempts: 2 },
    {
      run: ({ task: id }: { task: number }) =>
        id === 3 ? { kind: 'failed' as const, reason: 'no', again: true } : { kind: 'done' as const },
    },
  ],
  [
    'conflict',
    { parallel: true },
    {
      land: (epic: number | null) => (epic === 2 ? ('conflict' as const) : ('landed' as const)),
    },
  ],
  [
    'red',
    { parallel: true },
    { land: (epic: number | null) => (epic === 2 ? ('red' as const) : ('landed' as const)) },
  ],
])('%s: its history replays with the code as it is', async (name, input, answers) => {
  await expect(replay(name, input, answers)).resolves.toBeUndefined();
});
