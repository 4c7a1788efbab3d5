import { waitUntil } from '../../../services/wait';
import { openFixture, type Fixture } from '../database';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture(2);
});
afterAll(() => fixture.close());

const insert =
  'insert into yokeflow.projects (name, repo_path, git_dir, base_branch) values ($1, $1, $1, $1)';
const count = async (name: string) =>
  (await fixture.db.query('select from yokeflow.projects where name = $1', [name])).rowCount;

test('a transaction commits what its work did, nested ones included, or nothing', async () => {
  await fixture.db.transaction((tx) => tx.transaction((nested) => nested.query(insert, ['kept'])));
  const failing = fixture.db.transaction(async (tx) => {
    await tx.transaction((nested) => nested.query(insert, ['dropped']));
    throw new Error('changed my mind');
  });
  await expect(failing).rejects.toThrow('changed my mind');
  expect([await count('kept'), await count('dropped')]).toEqual([1, 0]);
});

test('a transaction whose failed statement was caught does not pretend to have committed', async () => {
  const pretending = fixture.db.transaction(async (tx) => {
    await tx.query(insert, ['pretended']);
    await tx.query('select nonsense').catch(() => {});
  });
  await expect(pretending).rejects.toThrow('rolled back');
  expect(await count('pretended')).toBe(0);
});

test('a full disk under PostgreSQL is told as such', async () => {
  const full = `do $$ begin raise exception using errcode = 'disk_full', message = 'could not extend file'; end $$`;
  await expect(fixture.db.query(full)).rejects.toMatchObject({
    type: 'DatabaseUnavailable',
    message: expect.stringMatching(
      /^PostgreSQL cannot write at .*\(could not extend file\): its disk is full, make room there$/,
    ),
  });
});

test('a connection that is cut inside a transaction is reported, and replaced', async () => {
  const cut = fixture.db.transaction(async (tx) => {
    await tx.query(insert, ['cut']);
    const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
    await fixture.db.query('select pg_terminate_backend($1)', [rows[0]!.pid]);
    await tx.query('select 1');
  });
  await expect(cut).rejects.toMatchObject({ name: 'DatabaseUnavailable', type: 'DatabaseUnavailable' });
  expect(await count('cut')).toBe(0);
});

test('idle connections that are cut do not end the process', async () => {
  await Promise.all([fixture.db.query('select pg_sleep(0.05)'), fixture.db.query('select pg_sleep(0.05)')]);
  await fixture.db
    .query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()')
    .catch(() => {});
  const isReplaced = () =>
    fixture.db.query('select').then(
      () => true,
      () => false,
    );
  expect(await waitUntil(isReplaced, 10_000)).toBe(true);
  expect((await fixture.db.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('numbers are numbers and times are ISO 8601', async () => {
  const { rows } = await fixture.db.query(
    `select 9007199254740991::bigint as big, 0.25::numeric as quarter, array[1, 2] as list,
       timestamptz '2026-01-02 03:04:05.678+02' as at`,
  );
  expect(rows).toEqual([
    { big: 9007199254740991, quarter: 0.25, list: [1, 2], at: '2026-01-02T01:04:05.678Z' },
  ]);
});
