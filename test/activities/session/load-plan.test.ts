import { loadTasks, reloadPlan } from '../../../activities/session/load-plan';
import type { ActivityDependencies } from '../../../activities/scope/dependencies';
import { openFixture, type Fixture } from '../../db/database';
import { runningSession } from '../../db/scenario';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

test('a plan is loaded again without its repository: a session that is cancelled while that is away waits for it', async () => {
  const { session } = await runningSession(fixture.db);
  const deps = { db: fixture.db } as ActivityDependencies;
  const { lanes, page } = await reloadPlan(deps, { sessionId: session.id });
  expect(lanes.map(({ epic }) => epic)).toEqual([1, 2]);
  expect(page.tasks.map(({ id }) => id)).toEqual([1, 2, 3]);
  const rest = await loadTasks(deps, { sessionId: session.id, after: 2 });
  expect(rest.tasks.map(({ id }) => id)).toEqual([3]);
});
