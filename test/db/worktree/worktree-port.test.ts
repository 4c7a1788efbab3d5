import { setWorktreeStatus } from '../../../db/worktree/worktree-status';
import { assignPort } from '../../../db/worktree/worktree-port';
import { upsertWorktree } from '../../../db/worktree/worktrees';
import { openFixture, type Fixture } from '../database';
import { runningSession } from '../scenario';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

test('every worktree of every project has ports of its own, and keeps them', async () => {
  const [one, two] = [await runningSession(fixture.db), await runningSession(fixture.db)];
  const ids = [one.backend.id, one.frontend.id, two.backend.id, two.frontend.id];
  const ports = await Promise.all(ids.map((id) => assignPort(fixture.db, id)));
  expect([...ports].sort()).toEqual([20_000, 20_010, 20_020, 20_030]);
  const { projectId, backend } = one;
  await setWorktreeStatus(fixture.db, { worktreeId: backend.id, status: 'removed' });
  await upsertWorktree(fixture.db, {
    projectId,
    epic: 1,
    path: backend.path,
    branchName: backend.branchName,
  });
  expect(await Promise.all(ids.map((id) => assignPort(fixture.db, id)))).toEqual(ports);
});

test('where all are taken, one of a worktree that is gone is given away; else there is none', async () => {
  const { backend, frontend } = await runningSession(fixture.db);
  const { backend: late } = await runningSession(fixture.db);
  const gone = (await assignPort(fixture.db, backend.id))!;
  await setWorktreeStatus(fixture.db, { worktreeId: backend.id, status: 'removed' });
  await fixture.db.query(
    `insert into yokeflow.projects (name, repo_path, git_dir, base_branch)
     select 'full-' || n, '/full', '/full/' || n, 'main' from generate_series(20000, 32750, 10) n`,
  );
  await fixture.db.query(
    `insert into yokeflow.worktrees (project_id, path, branch_name, port)
     select p.id, '/full/' || p.id, 'b', substr(p.name, 6)::integer from yokeflow.projects p
     where p.name like 'full-%' and not exists (
       select from yokeflow.worktrees w where w.port = substr(p.name, 6)::integer)`,
  );
  expect(await assignPort(fixture.db, frontend.id)).toBe(gone);
  expect(await assignPort(fixture.db, late.id)).toBeNull();
});
