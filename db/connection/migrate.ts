import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import { connectClient } from './connection';
import { DatabaseUnsuitable } from './errors';
import { asUnavailable } from './unavailable';

const SCHEMA = 'yokeflow';
const TABLE = 'migrations';

/**
 * Brings the database up to this code's schema and returns the names of the migrations applied now. Waits for
 * another process that does the same. Throws if a newer version of YokeFlow has migrated the database.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const dir = migrationsDirectory();
  const known = await namesIn(dir);
  const client = await connectClient(databaseUrl);
  try {
    if (isCurrent(await namesApplied(client), known)) return [];
    await refuseUnsuitable(client);
    const applied = await applyPending(client, dir);
    isCurrent(await namesApplied(client), known);
    return applied;
  } catch (error) {
    throw asUnavailable(error, databaseUrl);
  } finally {
    await client.end();
  }
}

export interface SchemaVersion {
  /** The latest migration of the database; null: none yet. */
  applied: string | null;
  /** The latest one that this code knows. */
  known: string;
}

/** What the database is at, and what this code is at. Changes nothing. */
export async function schemaVersion(databaseUrl: string): Promise<SchemaVersion> {
  const known = await namesIn(migrationsDirectory());
  const client = await connectClient(databaseUrl);
  try {
    return { applied: (await namesApplied(client)).at(-1) ?? null, known: known.at(-1)! };
  } finally {
    await client.end();
  }
}

/** Beside `db/` in the sources and beside `dist/` when built. */
function migrationsDirectory(): string {
  const candidates = [path.join(__dirname, '../../migrations'), path.join(__dirname, '../../../migrations')];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (!found)
    throw new Error(`the folder "migrations" is missing at ${candidates[0]}: install YokeFlow again`);
  return found;
}

/** The names of the migrations of this code, the oldest first. */
async function namesIn(dir: string): Promise<string[]> {
  const files = (await readdir(dir)).filter((file) => file.endsWith('.sql'));
  return files.map((file) => path.parse(file).name).sort();
}

/** The names of the database's migrations, the oldest first. */
async function namesApplied(client: pg.Client): Promise<string[]> {
  const made = await client.query<{ table: string | null }>(
    `select to_regclass('${SCHEMA}.${TABLE}') as table`,
  );
  if (!made.rows[0]?.table) return [];
  const { rows } = await client.query<{ name: string }>(`select name from ${SCHEMA}.${TABLE} order by id`);
  return rows.map(({ name }) => name);
}

/** @throws when a newer version of YokeFlow has migrated the database */
function isCurrent(applied: readonly string[], known: readonly string[]): boolean {
  const unknown = applied.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new DatabaseUnsuitable(
      `the database has been migrated by a newer YokeFlow (${unknown}): update this one, or use another DATABASE_URL`,
    );
  }
  return applied.length === known.length;
}

/** What would end in the middle of a migration, or with the first text that is not English. */
async function refuseUnsuitable(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string; user: string; encoding: string; refused: boolean }>(
    `select current_database() as name, current_user as user, current_setting('server_encoding') as encoding,
       to_regnamespace('${SCHEMA}') is null and not has_database_privilege(current_database(), 'create') as refused`,
  );
  const { name, user, encoding, refused } = rows[0]!;
  if (encoding !== 'UTF8' && encoding !== 'SQL_ASCII') {
    throw new DatabaseUnsuitable(
      `the database ${name} has the encoding ${encoding}, which cannot hold every text: make one with encoding 'UTF8'`,
    );
  }
  if (refused) {
    throw new DatabaseUnsuitable(
      `the user ${user} cannot make the schema ${SCHEMA} in the database ${name}: let its owner run grant create on database ${name} to ${user}`,
    );
  }
}

async function applyPending(client: pg.Client, dir: string): Promise<string[]> {
  const { runner } = await import('node-pg-migrate');
  const { rows } = await client.query<{ missing: boolean }>(
    `select to_regnamespace('${SCHEMA}') is null as missing`,
  );
  const migrations = await runner({
    dbClient: client,
    dir,
    direction: 'up',
    schema: SCHEMA,
    // Where an administrator made the schema, the right to create one is not needed.
    createSchema: rows[0]?.missing === true,
    migrationsTable: TABLE,
    singleTransaction: true,
    advisoryLockMode: 'wait',
    log: () => {},
  });
  return migrations.map((migration) => migration.name);
}
