import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../../services/ports';
import { postgresAccount } from '../../services/postgres/account';
import { postgresBinaries } from '../../services/postgres/binaries';
import { initializeCluster, localDatabaseUrl, postgresArguments } from '../../services/postgres/cluster';
import { whyUnreachable } from '../../services/postgres/connection';
import { waitUntil } from '../../services/wait';
import { startGuarded } from './guarded';

/** Tests may lose their data in a power cut, and are much faster for it. */
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/** Starts a PostgreSQL of the test run's own. */
export async function startTestPostgres(): Promise<{ url: string; stop(): Promise<void> }> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'yokeflow-test-postgres-'));
  const account = await postgresAccount();
  if (account) await chown(directory, account.uid, account.gid);
  const password = randomBytes(12).toString('hex');
  const dataDir = path.join(directory, 'data');
  const binaries = await postgresBinaries(account);
  await initializeCluster({ dataDir, password, binaries, account });
  const port = await freePort();
  const log = path.join(directory, 'log');
  const args = postgresArguments(dataDir, port, FAST);
  const server = startGuarded(binaries.postgres, args, { directory, log, ...account });
  const stop = async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
  const url = localDatabaseUrl(port, password, 'postgres');
  if (await waitUntil(async () => (await whyUnreachable(url)) === null, 30_000)) return { url, stop };
  const output = await readFile(log, 'utf8');
  await stop();
  throw new Error(`PostgreSQL did not start for the tests:\n${output}`);
}
