import { executeChild, proxyActivities } from '@temporalio/workflow';
import type { FloorActivities, FloorEpic, FloorRun } from './activities';

const activities = proxyActivities<FloorActivities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '10s',
});

/** As a session: a child for each epic, so many at a time, two activities for each task. */
export async function floorRun({ epics, concurrency, ...rest }: FloorRun): Promise<void> {
  let next = 1;
  const lane = async () => {
    while (next <= epics) await executeChild(floorEpic, { args: [{ ...rest, epic: next++ }] });
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
}

export async function floorEpic(epic: FloorEpic): Promise<void> {
  for (let task = 1; task <= epic.tasks; task++) {
    await activities.work({ ...epic, task });
    await activities.record({ ...epic, task });
  }
  await activities.land(epic);
}
