import { randomBytes } from 'node:crypto';
import { chown, mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { postgresAccount } from '../../services/postgres/account';
import { postgresBinaries } from '../../services/postgres/binaries';
import { initializeCluster, localDatabaseUrl, postgresArguments } from '../../services/postgres/cluster';
import { whyUnreachable } from '../../services/postgres/connection';
import { startServer, type GuardedServer } from './guarded-server';
import { testPort } from './ports';

/** Tests may lose their data in a power cut, and are much faster for it. */
const FAST = ['fsync=off', 'full_page_writes=off'];
/** What was committed a moment before a kill may be lost: not for a server that is killed. */
const FASTER = [...FAST, 'synchronous_commit=off'];

export interface TestPostgres extends GuardedServer {
  url: string;
}

/** Starts a PostgreSQL of the test run's own. */
export async function startTestPostgres({ survivesKills = false } = {}): Promise<TestPostgres> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'yokeflow-test-postgres-'));
  const account = await postgresAccount();
  if (account) await chown(directory, account.uid, account.gid);
  const password = randomBytes(12).toString('hex');
  const dataDir = path.join(directory, 'data');
  const binaries = await postgresBinaries(account);
  await initializeCluster({ dataDir, password, binaries, account });
  const port = await testPort();
  const url = localDatabaseUrl(port, password, 'postgres');
  const server = await startServer({
    name: 'PostgreSQL',
    command: binaries.postgres,
    args: postgresArguments(dataDir, port, survivesKills ? FAST : FASTER),
    directory,
    account,
    answers: async () => (await whyUnreachable(url)) === null,
  });
  return { url, ...server };
}
