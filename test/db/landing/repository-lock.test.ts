import { repositoryKey, withRepositoryLock } from '../../../db/landing/repository-lock';
import { openFixture, type Fixture } from '../database';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('sections of one repository never overlap, those of others do', async () => {
  let inside = 0;
  let most = 0;
  const section = (gitDir: string) =>
    withRepositoryLock(fixture.db, gitDir, async () => {
      most = Math.max(most, ++inside);
      await pause(30);
      inside--;
    });
  await Promise.all([section('/a'), section('/a'), section('/a')]);
  expect(most).toBe(1);
  let bothInside = () => {};
  const together = new Promise<void>((resolve) => (bothInside = resolve));
  const meeting = (gitDir: string) =>
    withRepositoryLock(fixture.db, gitDir, () => {
      if (++inside === 2) bothInside();
      return together;
    });
  await Promise.all([meeting('/a'), meeting('/b')]);
});

test('frees the lock when the work fails, and passes its error on', async () => {
  const failing = withRepositoryLock(fixture.db, '/a', async () => {
    throw new Error('work failed');
  });
  await expect(failing).rejects.toThrow('work failed');
  expect(await withRepositoryLock(fixture.db, '/a', async () => 'free')).toBe('free');
});

test('gives up with a clear error when somebody else is inside for too long', async () => {
  const entered = new Promise<() => void>((enter) => {
    void withRepositoryLock(fixture.db, '/a', () => new Promise<void>((leave) => enter(leave)));
  });
  const leave = await entered;
  const waiting = withRepositoryLock(fixture.db, '/a', async () => 1, { wait: 100 });
  await expect(waiting).rejects.toMatchObject({
    name: 'RepositoryBusy',
    message: expect.stringMatching(/another YokeFlow process has been working in \/a/),
  });
  leave();
});

test('tells the work, and its caller, that the lock was lost', async () => {
  const [high, low] = repositoryKey('/lost');
  const losing = withRepositoryLock(fixture.db, '/lost', async (signal) => {
    await fixture.db.query(
      `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'
       and classid::bigint = ($1::bigint & 4294967295) and objid::bigint = ($2::bigint & 4294967295)`,
      [high, low],
    );
    // The loss can be noticed before the query that caused it returns.
    if (!signal.aborted) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    }
    return 'done anyway';
  });
  await expect(losing).rejects.toMatchObject({ name: 'DatabaseUnavailable' });
});

/** The backends that ask for locks, whether they hold one or lie idle. */
const lockBackends = async () =>
  (
    await fixture.db.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'yokeflow repository lock'
       and datname = current_database() order by pid`,
    )
  ).rows.map(({ pid }) => pid);

test('the next section uses the connection of the last one, or another one if that was cut meanwhile', async () => {
  await withRepositoryLock(fixture.db, '/a', async () => undefined);
  const idle = await lockBackends();
  const within = await withRepositoryLock(fixture.db, '/a', lockBackends);
  expect(within.length).toBeGreaterThan(0);
  expect(within.filter((pid) => !idle.includes(pid))).toEqual([]);
  await Promise.all(idle.map((pid) => fixture.db.query('select pg_terminate_backend($1)', [pid])));
  expect(await withRepositoryLock(fixture.db, '/a', async () => 'inside')).toBe('inside');
});

test('a connection that lies idle holds no lock', async () => {
  await withRepositoryLock(fixture.db, '/idle', async () => undefined);
  const [high, low] = repositoryKey('/idle');
  const { rows } = await fixture.db.query('select pg_try_advisory_lock($1, $2) as free', [high, low]);
  expect(rows).toEqual([{ free: true }]);
});
