import { completeTask } from '../../../db/task/attempt-end';
import { adoptComplete } from '../../../db/plan/adopt-complete';
import { skipTask } from '../../../db/task/task-status';
import { getTask } from '../../../db/task/tasks';
import { openFixture, type Fixture } from '../database';
import { commitId, runningAttempt } from '../scenario';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

test('what git has as finished is complete from then on; what was settled here keeps what it had', async () => {
  const { projectId, session, attempt, token } = await runningAttempt(fixture.db);
  const commit = { commit: commitId('a'), baseCommit: commitId('b'), empty: false };
  await completeTask(fixture.db, { attemptId: attempt.id, token, ...commit });
  await skipTask(fixture.db, { sessionId: session.id, task: 2 });
  const found = {
    ...{ commit: commitId('c'), baseCommit: commitId('d'), empty: false },
    ...{ completedAt: '2026-01-02T03:04:05Z', session: 1_000_000, attempt: 1 },
  };
  await adoptComplete(fixture.db, { projectId, tasks: [1, 2, 3].map((task) => ({ task, ...found })) });
  const after = [1, 2, 3].map((task) => getTask(fixture.db, { projectId, task }));
  expect(await Promise.all(after)).toMatchObject([
    { status: 'complete', commit: commit.commit },
    { status: 'skipped', commit: null },
    { status: 'complete', commit: found.commit },
  ]);
});
