import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase, type Database } from '../../db/connection/connection';
import { repositoryKey, withRepositoryLock } from '../../db/landing/repository-lock';
import { openTunnel, type Tunnel } from '../support/tunnel';
import { openFixture, type Fixture } from './database';

/** A network that drops what is sent, and says nothing. */
let fixture: Fixture;
let tunnel: Tunnel;
let db: Database;
beforeEach(async () => {
  fixture = await openFixture();
  const url = new URL(fixture.url);
  tunnel = await openTunnel({ host: url.hostname, port: Number(url.port) });
  url.port = String(tunnel.port);
  db = openDatabase(url.href, { silenceMs: 500 });
});
afterEach(async () => {
  await tunnel.close();
  await db.close();
  await fixture.close();
});

test('a statement whose answer never comes fails, and the next one takes a new connection', async () => {
  const asked = db.query('select pg_sleep(0.2)');
  await sleep(100);
  tunnel.cut();
  await expect(asked).rejects.toMatchObject({ name: 'DatabaseUnavailable' });
  tunnel.heal();
  expect((await db.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('so does a transaction, and what it wrote is not there', async () => {
  await db.query('create table yokeflow.silence (id integer)');
  const writing = db.transaction(async (tx) => {
    await tx.query('insert into yokeflow.silence values (1)');
    tunnel.cut();
    await tx.query('insert into yokeflow.silence values (2)');
  });
  await expect(writing).rejects.toMatchObject({ name: 'DatabaseUnavailable' });
  tunnel.heal();
  expect((await db.query('select * from yokeflow.silence')).rows).toEqual([]);
});

test('whoever held the repository is free to go on in seconds', async () => {
  const work = withRepositoryLock(db, '/repository', async () => {
    tunnel.cut();
    return 'done';
  });
  expect(await work).toBe('done');
}, 10_000);

test('whoever waits for a repository does not wait for ever', async () => {
  const times = { wait: 2_000, answer: 500 };
  const waits = async () =>
    (
      await fixture.db.query(
        `select from pg_locks l join pg_database d on d.oid = l.database
         where d.datname = current_database() and locktype = 'advisory' and not granted`,
      )
    ).rowCount > 0;
  await withRepositoryLock(fixture.db, '/waited-for', async () => {
    const waiting = withRepositoryLock(db, '/waited-for', async () => 'done', times);
    const end = waiting.catch((error: unknown) => error);
    while (!(await waits())) await sleep(20);
    tunnel.cut();
    expect(await end).toMatchObject({ name: 'DatabaseUnavailable' });
  });
}, 15_000);

test('whoever holds a repository that PostgreSQL hears no more of stops before others may have it', async () => {
  const [high, low] = repositoryKey('/silent');
  const times = { ping: 200, givenUp: 1_000, freed: 2_000 };
  let stopped = 0;
  let begin!: () => void;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const work = withRepositoryLock(
    db,
    '/silent',
    async (signal) => {
      tunnel.cut();
      begin();
      await once(signal, 'abort');
      stopped = performance.now();
      throw new Error('cut off');
    },
    times,
  );
  const lost = work.catch((error: unknown) => error);
  const isFree = async () =>
    (await fixture.db.query<{ free: boolean }>('select pg_try_advisory_lock($1, $2) as free', [high, low]))
      .rows[0]!.free;
  await begun;
  while (!(await isFree())) await sleep(20);
  expect(stopped).toBeGreaterThan(0);
  expect(performance.now() - stopped).toBeGreaterThan(500);
  expect(await lost).toMatchObject({ name: 'DatabaseUnavailable' });
}, 15_000);
