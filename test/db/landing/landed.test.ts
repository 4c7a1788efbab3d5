import { storeLanded } from '../../../db/landing/landed';
import { importPlan } from '../../../db/plan/plan-import';
import { openSession } from '../../../db/session/session-open';
import { setWorktreeStatus } from '../../../db/worktree/worktree-status';
import { listWorktrees, upsertWorktree } from '../../../db/worktree/worktrees';
import { containsCommitsOf } from '../../../domain/scheduler';
import { openFixture, type Fixture } from '../database';
import { commitId, repositoryOf, task, uniqueName } from '../scenario';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

test('what waits for a lane that has landed does so no more, nor what waits for that; a red tree stays red', async () => {
  const project = uniqueName();
  const epics = [1, 2, 3, 4].map((id) => ({ id, name: `Epic ${id}`, tasks: [task(id)] }));
  const { projectId } = await importPlan(fixture.db, {
    plan: { project, epics },
    repository: repositoryOf(project),
  });
  const start = { projectId, workflowId: `yokeflow-${project}`, runId: 'r', options: {} };
  const { id: sessionId } = await openSession(fixture.db, start);
  const place = (epic: number) => ({ path: `/worktrees/${project}/${epic}`, branchName: `epic-${epic}` });
  const [first, ...others] = await Promise.all(
    epics.map(({ id: epic }) => upsertWorktree(fixture.db, { projectId, epic, ...place(epic) })),
  );
  const reasons = [
    `${containsCommitsOf('epic-1')}which cannot land (conflict)`,
    `${containsCommitsOf('epic-2')}which cannot land (blocked)`,
    'verify of the merged tree ended with exit code 1',
  ];
  for (const [at, { id: worktreeId }] of others.entries())
    await setWorktreeStatus(fixture.db, { worktreeId, status: 'blocked', blockedReason: reasons[at] });
  await storeLanded(fixture.db, { projectId, sessionId, worktreeId: first!.id, epic: 1 }, commitId('a'));
  const after = await listWorktrees(fixture.db, projectId);
  expect(after.map(({ status, blockedReason }) => [status, blockedReason])).toEqual([
    ['merged', null],
    ['active', null],
    ['active', null],
    ['blocked', reasons[2]],
  ]);
});
