import { startMergeAttempt } from '../../../db/landing/merge-attempts';
import { listAttempts } from '../../../db/task/attempts';
import { getTask } from '../../../db/task/tasks';
import { takeLease } from '../../../db/worktree/leases';
import { openFixture, type Fixture } from '../database';
import { runningSession } from '../scenario';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

test('an attempt that nobody settled, since the workflow of its epic ended, makes way for the next one', async () => {
  const { projectId, session, frontend } = await runningSession(fixture.db);
  const { id: taskId } = await getTask(fixture.db, { projectId, task: 3 });
  const begin = async (key: string) => {
    const place = { worktreeId: frontend.id, holder: key, staleAfterMs: 0 };
    const lease = await takeLease(fixture.db, place);
    if (lease.kind !== 'taken') throw new Error(`the lease is held by ${lease.holder}`);
    const { token } = lease;
    const start = { taskId, sessionId: session.id, worktreeId: frontend.id, key, token };
    return startMergeAttempt(fixture.db, { ...start, agent: 'command' });
  };
  const first = await begin('first');
  expect((await begin('first')).id).toBe(first.id);
  await begin('second');
  const attempts = await listAttempts(fixture.db, taskId);
  expect(attempts.map(({ key, number, status }) => [key, number, status])).toEqual([
    ['first', 1, 'abandoned'],
    ['second', 2, 'running'],
  ]);
});
