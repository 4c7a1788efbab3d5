import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openDatabase } from '../../../db/connection/connection';
import { schemaCheck } from '../../../client/doctor/schema-check';
import { migrate, schemaVersion } from '../../../db/connection/migrate';
import { inDatabase } from '../../support/template';

const admin = process.env.YOKEFLOW_TEST_DATABASE_URL!;
const created: string[] = [];

async function run(url: string, text: string): Promise<{ rows: Record<string, unknown>[] }> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

async function emptyDatabase(): Promise<string> {
  const name = `migrate_${randomBytes(6).toString('hex')}`;
  created.push(name);
  await run(admin, `create database ${name}`);
  return inDatabase(admin, name);
}

afterAll(async () => {
  for (const name of created) await run(admin, `drop database ${name} with (force)`);
});

test('applies every migration once, and then none', async () => {
  const url = await emptyDatabase();
  const first = await migrate(url);
  expect(first[0]).toBe('0001_plan');
  expect(await migrate(url)).toEqual([]);
});

test('doctor tells a schema that is missing, old, right or too new', async () => {
  const url = await emptyDatabase();
  expect(schemaCheck(await schemaVersion(url))).toMatchObject({ status: 'warn', detail: 'not made yet' });
  const latest = (await migrate(url)).at(-1)!;
  expect(schemaCheck(await schemaVersion(url))).toEqual({ name: 'schema', status: 'ok', detail: latest });
  await run(url, `insert into yokeflow.migrations (name, run_on) values ('9999_later', now())`);
  expect(schemaCheck(await schemaVersion(url))).toMatchObject({
    status: 'fail',
    remedy: expect.stringContaining('update'),
  });
  await run(url, `delete from yokeflow.migrations where name > '0001_plan'`);
  expect(schemaCheck(await schemaVersion(url))).toMatchObject({
    status: 'warn',
    detail: `0001_plan, this YokeFlow is at ${latest}`,
  });
});

test('of several migrators at once, one migrates and the others wait for it', async () => {
  const url = await emptyDatabase();
  const results = await Promise.all([migrate(url), migrate(url), migrate(url), migrate(url)]);
  expect(results.filter((applied) => applied.length > 0)).toHaveLength(1);
  const { rows } = await run(url, 'select name from yokeflow.migrations order by id');
  expect(rows.map((row) => row.name)).toEqual(results.find((applied) => applied.length > 0));
});

test('uses a schema that an administrator has made, without the right to make one', async () => {
  const url = await emptyDatabase();
  const role = `plain_${randomBytes(4).toString('hex')}`;
  await run(url, `create role ${role} login password 'x'; create schema yokeflow authorization ${role}`);
  const theirs = new URL(url);
  theirs.username = role;
  theirs.password = 'x';
  expect(await migrate(theirs.href)).toContain('0001_plan');
  await run(url, `drop owned by ${role} cascade; drop role ${role}`);
});

test('without the right to make the schema: says what to grant', async () => {
  const url = await emptyDatabase();
  const role = `guest_${randomBytes(4).toString('hex')}`;
  await run(url, `create role ${role} login password 'x'`);
  const theirs = new URL(url);
  theirs.username = role;
  theirs.password = 'x';
  const name = theirs.pathname.slice(1);
  await expect(migrate(theirs.href)).rejects.toMatchObject({
    type: 'InvalidInput',
    message: `the user ${role} cannot make the schema yokeflow in the database ${name}: let its owner run grant create on database ${name} to ${role}`,
  });
  await run(url, `drop role ${role}`);
});

test('a user who may not use what another one has made is told so, before and after it reads', async () => {
  const url = await emptyDatabase();
  await migrate(url);
  const role = `guest_${randomBytes(4).toString('hex')}`;
  await run(url, `create role ${role} login password 'x'`);
  const theirs = new URL(url);
  theirs.username = role;
  theirs.password = 'x';
  const refused = (what: string) => ({
    type: 'InvalidInput',
    message: `the user of DATABASE_URL may not use all of the schema yokeflow (permission denied for ${what}): name the one that owns it`,
  });
  await expect(migrate(theirs.href)).rejects.toMatchObject(refused('schema yokeflow'));
  await run(url, `grant usage on schema yokeflow to ${role}`);
  const db = openDatabase(theirs.href);
  await expect(db.query('select from yokeflow.projects')).rejects.toMatchObject(refused('table projects'));
  await db.close();
  await run(url, `drop owned by ${role}; drop role ${role}`);
});

test('a database that cannot hold every text is refused before anything is made in it', async () => {
  const url = await emptyDatabase();
  const name = new URL(url).pathname.slice(1);
  await run(admin, `drop database ${name}`);
  await run(
    admin,
    `create database ${name} template template0 encoding 'LATIN1' locale_provider libc lc_collate 'C' lc_ctype 'C'`,
  );
  await expect(migrate(url)).rejects.toMatchObject({
    type: 'InvalidInput',
    message: `the database ${name} has the encoding LATIN1, which cannot hold every text: make one with encoding 'UTF8'`,
  });
});

test('one that fails leaves nothing of those before it, and all are applied once nothing is in the way', async () => {
  const url = await emptyDatabase();
  await run(url, 'create schema yokeflow; create table yokeflow.notifications (mine text)');
  await expect(migrate(url)).rejects.toThrow(/notifications.*already exists/s);
  const tables = `select table_name from information_schema.tables where table_schema = 'yokeflow' and table_name <> 'migrations'`;
  expect((await run(url, tables)).rows).toEqual([{ table_name: 'notifications' }]);
  expect((await schemaVersion(url)).applied).toBeNull();
  await run(url, 'drop table yokeflow.notifications');
  expect(await migrate(url)).toContain('0007_notifications');
});

test('keeps out of the other schemas of a shared database', async () => {
  const url = await emptyDatabase();
  await run(url, 'create table public.tasks (mine text); insert into tasks values (1)');
  await migrate(url);
  const { rows } = await run(
    url,
    `select table_name from information_schema.tables where table_schema = 'public'`,
  );
  expect(rows).toEqual([{ table_name: 'tasks' }]);
});

test('refuses a database that a newer version has migrated', async () => {
  const url = await emptyDatabase();
  await migrate(url);
  await run(url, `insert into yokeflow.migrations (name, run_on) values ('9999_future', now())`);
  await expect(migrate(url)).rejects.toMatchObject({
    type: 'InvalidInput',
    message: expect.stringMatching(/newer YokeFlow \(9999_future\): update this one/),
  });
});

test('of a server that takes connections and says nothing, says that a start would not help', async () => {
  const held: Socket[] = [];
  const server = createServer((socket) => void held.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `postgres://someone@127.0.0.1:${port}/frozen`;
  await expect(migrate(url)).rejects.toMatchObject({
    name: 'DatabaseUnavailable',
    message: `PostgreSQL does not answer at someone@127.0.0.1:${port}/frozen (timeout expired): it is there and says nothing; if that lasts, restart it, the embedded one with yokeflow down && yokeflow up`,
  });
  for (const socket of held) socket.destroy();
  server.close();
});

test('says which server does not answer, without the password', async () => {
  const url = 'postgres://someone:secret@127.0.0.1:1/nothing';
  const refusal = expect.objectContaining({
    name: 'DatabaseUnavailable',
    message: expect.stringMatching(
      /^PostgreSQL cannot be used at someone@127\.0\.0\.1:1\/nothing \(.*ECONNREFUSED/,
    ),
  });
  await expect(migrate(url)).rejects.toEqual(refusal);
  await expect(openDatabase(url).query('select 1')).rejects.toEqual(refusal);
  await expect(openDatabase(url).transaction(async () => 1)).rejects.toEqual(refusal);
  await expect(openDatabase(url).connect()).rejects.toEqual(refusal);
  await expect(migrate(url)).rejects.not.toThrow(/secret/);
});
