import { existsSync } from 'node:fs';
import { Context } from '@temporalio/activity';
import { COMMAND_LOST_AFTER_MS } from '../../domain/session/activity-limits';
import { waitUntil } from '../../services/wait';
import { git, newRepository, removeTemporaryFolders } from '../support/git-repository';
import { planOf } from '../support/plans';
import { projectName, startSystem, type System } from '../support/system';

let system: System;
let over = () => {};
const firstIsOver = new Promise<void>((resolve) => (over = resolve));
beforeAll(async () => {
  system = await startSystem({
    around: (activities) => ({
      ...activities,
      async runTask(input) {
        if (Context.current().info.attempt > 1) await firstIsOver;
        return activities.runTask(input).finally(over);
      },
    }),
  });
});
afterAll(async () => {
  await system.close();
  await removeTemporaryFolders();
});

/** As a network that is away would, or a machine that stalls: Temporal hears nothing of this worker. */
const fallSilent = (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

test('a worker that Temporal has not heard of for too long: its try of the activity is over, the try at the task goes on', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const begun = `${system.folder}/begun`;
  const action = `if mkdir ${begun} 2> /dev/null; then sleep 600; fi; echo 1 > one`;
  await system.import(planOf(project, [{ id: 1, epic: 1, action }]), path);
  const handle = await system.start({ project, parallel: true });
  expect(await waitUntil(async () => existsSync(begun), 60_000)).toBe(true);
  fallSilent(COMMAND_LOST_AFTER_MS + 2_000);
  await expect(handle.result()).resolves.toMatchObject({ status: 'complete' });
  expect(await git(path, 'show', 'main:one')).toBe('1');
  const { rows } = await system.db.query('select number, status from yokeflow.task_attempts');
  expect(rows).toEqual([{ number: 1, status: 'complete' }]);
}, 120_000);
