import { randomUUID } from 'node:crypto';
import { fakeWorld } from '../support/fake-world';
import { task } from '../support/guide-tasks';
import { until } from '../support/until';
import { useWorlds } from '../support/worlds';

const temporal = useWorlds();

const plan = [task(1, 1), task(2, 1, [1]), task(3, 1, [2]), task(4, 2)];

test.each([
  ['the first', 0],
  ['the last', -1],
])('a session that somebody resets to %s event while its epics are open comes to its end', async (_, at) => {
  const project = `reset-${process.pid}-${Date.now()}`;
  const id = `yokeflow-${project}`;
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const world = fakeWorld(plan, {
    run: async ({ task: number }) => {
      if (number === 2 || number === 4) await released;
      return { kind: 'done' };
    },
  });
  temporal.give(project, world.activities);
  const { workflow } = temporal.client;
  await temporal.run(project);
  await until(() => world.log.includes('run 2') && world.log.includes('run 4'));
  // By id alone: a reset makes another run of it.
  const { events } = await workflow.getHandle(id).fetchHistory();
  const decided = events!.filter(({ workflowTaskCompletedEventAttributes: done }) => done);
  await workflow.workflowService.resetWorkflowExecution({
    namespace: workflow.options.namespace,
    workflowExecution: { workflowId: id },
    requestId: randomUUID(),
    workflowTaskFinishEventId: decided.at(at)!.eventId,
    reason: 'a person wants to',
  });
  release();
  await workflow.getHandle(id).result();
  expect(world.log.filter((line) => line === 'close')).toHaveLength(1);
  for (const { id: number } of plan) expect(world.log).toContain(`commit ${number}`);
  for (const epic of [1, 2]) {
    const child = await workflow.getHandle(`${id}/epic-${epic}`).describe();
    expect([epic, child.status.name]).not.toContain('RUNNING');
  }
});
