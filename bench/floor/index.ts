import { join } from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Installation } from '../support/installation';
import { git, newRepository } from '../support/repository';
import { timed } from '../support/measure';
import { FLOOR_TABLES, floorActivities, type FloorRun } from './activities';
import type { floorRun } from './workflow';

const QUEUE = 'floor';
let runs = 0;

/** Runs the bare commands, statements and activities on the same servers; the time of each run in milliseconds. */
export async function measureFloor(installation: Installation, plans: FloorRun[]): Promise<number[]> {
  const { db, services, client, folder } = installation;
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  for (const statement of FLOOR_TABLES.split(';')) await db.query(statement);
  const repository = await newRepository(join(folder, `floor-${++runs}`));
  await git(repository, 'checkout', '--quiet', '--detach');
  const connection = await NativeConnection.connect(services.temporal.connectConfig.connectionOptions);
  const worker = await Worker.create({
    connection,
    taskQueue: QUEUE,
    workflowsPath: require.resolve('./workflow'),
    activities: { ...floorActivities(db, repository) },
    maxConcurrentActivityTaskExecutions: 40,
  });
  try {
    return await worker.runUntil(async () => {
      const times: number[] = [];
      for (const plan of plans) {
        const start = () =>
          client.workflow.execute<typeof floorRun>('floorRun', {
            taskQueue: QUEUE,
            workflowId: `floor-${++runs}`,
            args: [plan],
          });
        times.push((await timed(start)).ms);
      }
      return times;
    });
  } finally {
    await connection.close();
  }
}
