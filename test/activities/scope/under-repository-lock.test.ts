import { once } from 'node:events';
import { underRepositoryLock } from '../../../activities/scope/under-repository-lock';
import { gitOf, type Repository } from '../../../git/repository/repository';
import { openFixture, type Fixture } from '../../db/database';
import * as support from '../../support/git-repository';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(async () => {
  await fixture.close();
  await support.removeTemporaryFolders();
});

type Held = Parameters<typeof underRepositoryLock>[1];

async function setUp(): Promise<Held & { repository: Repository }> {
  const repository = await support.newRepository();
  return { repository, project: { gitDir: repository.gitDir } as Held['project'] };
}

test('git works in it as elsewhere', async () => {
  const head = await underRepositoryLock(fixture.db, await setUp(), ({ repository }) =>
    gitOf(repository).line(['rev-parse', 'main']),
  );
  expect(head).toMatch(/^[0-9a-f]{40}$/);
});

test('once the lock is lost, no git command begins any more, whatever the work makes of that', async () => {
  const losing = underRepositoryLock(fixture.db, await setUp(), async ({ repository }) => {
    await fixture.db.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'yokeflow repository lock' and datname = current_database()`,
    );
    if (!repository.signal!.aborted) await once(repository.signal!, 'abort');
    await expect(gitOf(repository).line(['rev-parse', 'main'])).rejects.toThrow('cancelled');
    throw new Error('nothing came of it');
  });
  await expect(losing).rejects.toMatchObject({ name: 'DatabaseUnavailable' });
});
