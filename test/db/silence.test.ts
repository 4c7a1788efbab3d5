import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase, type Database } from '../../db/connection/connection';
import { repositoryKey, withRepositoryLock } from '../../db/landing/repository-lock';
import { openTunnel, type Tunnel } from '../support/tunnel';
import { openFixture, type Fixture } from './database';

/** By way of a network that drops what is sent, and says nothing. */
interface Place {
  fixture: Fixture;
  tunnel: Tunnel;
  db: Database;
}

/** A machine that stalls for a moment is no silence; and since they wait for that long, the tests run side by side. */
const SILENCE_MS = 2_000;

async function inPlace(work: (place: Place) => Promise<void>): Promise<void> {
  const fixture = await openFixture();
  const url = new URL(fixture.url);
  const tunnel = await openTunnel({ host: url.hostname, port: Number(url.port) });
  url.port = String(tunnel.port);
  const db = openDatabase(url.href, { silenceMs: SILENCE_MS });
  try {
    await work({ fixture, tunnel, db });
  } finally {
    await tunnel.close();
    await db.close();
    await fixture.close();
  }
}

test.concurrent('a statement whose answer never comes fails, and the next one takes a new connection', () =>
  inPlace(async ({ tunnel, db }) => {
    const asked = db.query('select pg_sleep(0.5)');
    await sleep(100);
    tunnel.cut();
    await expect(asked).rejects.toMatchObject({ name: 'DatabaseUnavailable' });
    tunnel.heal();
    expect((await db.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  }),
);

test.concurrent('so does a transaction, and what it wrote is not there', () =>
  inPlace(async ({ tunnel, db }) => {
    await db.query('create table yokeflow.silence (id integer)');
    const writing = db.transaction(async (tx) => {
      await tx.query('insert into yokeflow.silence values (1)');
      tunnel.cut();
      await tx.query('insert into yokeflow.silence values (2)');
    });
    await expect(writing).rejects.toMatchObject({ name: 'DatabaseUnavailable' });
    tunnel.heal();
    expect((await db.query('select * from yokeflow.silence')).rows).toEqual([]);
  }),
);

test.concurrent('whoever held the repository is free to go on in seconds', () =>
  inPlace(async ({ tunnel, db }) => {
    const work = withRepositoryLock(db, '/repository', async () => {
      tunnel.cut();
      return 'done';
    });
    expect(await work).toBe('done');
  }),
);

test.concurrent('whoever waits for a repository does not wait for ever', () =>
  inPlace(async ({ fixture, tunnel, db }) => {
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
  }),
);

test.concurrent(
  'whoever holds a repository that PostgreSQL hears no more of stops before others may have it',
  () =>
    inPlace(async ({ fixture, tunnel, db }) => {
      const [high, low] = repositoryKey('/silent');
      const times = { ping: 200, givenUp: 1_000, freed: 4_000 };
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
        (
          await fixture.db.query<{ free: boolean }>('select pg_try_advisory_lock($1, $2) as free', [
            high,
            low,
          ])
        ).rows[0]!.free;
      await begun;
      while (!(await isFree())) await sleep(20);
      expect(stopped).toBeGreaterThan(0);
      expect(performance.now() - stopped).toBeGreaterThan(500);
      expect(await lost).toMatchObject({ name: 'DatabaseUnavailable' });
    }),
);
