import { pauseUpdate, resumeUpdate, setMaxConcurrencyUpdate, statusQuery } from '../../workflows/messages';
import { fakeWorld } from '../support/fake-world';
import { task } from '../support/guide-tasks';
import { connectTemporal, type TemporalHarness } from '../support/temporal';

let temporal: TemporalHarness;
beforeAll(async () => {
  temporal = await connectTemporal();
});
afterAll(() => temporal.close());

const until = async (what: () => boolean | Promise<boolean>) => {
  while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 30));
};

test('a long session drains and goes on with a fresh history: each task once, and what people set stays set', async () => {
  const plan = Array.from({ length: 40 }, (_, index) => task(index + 1, (index % 4) + 1));
  const finished: number[] = [];
  let held = 0;
  let release = () => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  const world = fakeWorld(plan, {
    finished,
    run: async ({ task: id }) => {
      // Held until there is an update that has to outlive the drain.
      if (id === 5) await gate.finally(() => held++);
      finished.push(id);
      return { kind: 'done' };
    },
  });
  await temporal.startWorker(world.activities);
  const project = `long-${process.pid}-${Date.now()}`;
  const workflowId = `yokeflow-${project}`;
  const first = await temporal.client.workflow.start('runProject', {
    taskQueue: temporal.taskQueue,
    workflowId,
    args: [{ project, parallel: true }, { drainAtEvents: 60 }],
  });
  const session = temporal.client.workflow.getHandle(workflowId);
  await until(() => world.log.includes('run 5'));
  await session.executeUpdate(setMaxConcurrencyUpdate, { args: [{ maxConcurrency: 2 }] });
  await session.executeUpdate(pauseUpdate);
  release();
  await session.executeUpdate(resumeUpdate);
  await until(async () => (await session.describe()).runId !== first.firstExecutionRunId);
  await until(async () => (await session.query(statusQuery)).state === 'running');
  expect(await session.query(statusQuery)).toMatchObject({ maxConcurrency: 2 });
  await session.result();

  const runs = world.log.filter((line) => line.startsWith('run ')).map((line) => Number(line.slice(4)));
  expect(runs.sort((a, b) => a - b)).toEqual(plan.map(({ id }) => id));
  expect(world.log.filter((line) => line === 'open').length).toBeGreaterThan(2);
  expect(world.log.filter((line) => line === 'close')).toHaveLength(1);
  const { historyLength } = await session.describe();
  expect(historyLength).toBeLessThan(150);
});
