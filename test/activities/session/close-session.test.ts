import { newRepository, removeTemporaryFolders, write } from '../../support/git-repository';
import { planOf } from '../../support/plans';
import { projectName, startSystem } from '../../support/system';

afterAll(removeTemporaryFolders);

test('a reason of megabytes, since it names each of many files: the session ends, and tells its beginning', async () => {
  const system = await startSystem();
  try {
    const project = projectName();
    const { path } = await newRepository();
    await system.import(planOf(project, [{ id: 1, epic: 1, action: 'echo mine > a.txt' }]), path);
    // It stands in the way of the landing.
    await write(path, { 'a.txt': 'yours\n' });
    await system.db.query(`create function yokeflow.long_reason() returns trigger language plpgsql as $$
    begin new.blocked_reason = 'blocked by ' || repeat('file ', 600000); return new; end $$`);
    await system.db.query(`create trigger long_reason before update on yokeflow.worktrees
    for each row when (new.status = 'blocked') execute function yokeflow.long_reason()`);
    const { outcome, result } = await system.run({ project, parallel: true });
    expect(outcome).toBe('SessionIncomplete');
    expect(result!.epics).toMatchObject([
      { status: 'blocked', reason: expect.stringMatching(/^blocked by file/) },
    ]);
  } finally {
    await system.close();
  }
}, 120_000);
