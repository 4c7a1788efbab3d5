import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { lastLine, runCommand } from '../command';
import { ServicesError } from '../errors';
import type { Account } from './account';
import type { PostgresBinaries } from './binaries';
import { makeForOthers } from './reachable-path';

/** A PostgreSQL data directory, and what is needed to run it. */
export interface Cluster {
  dataDir: string;
  /** Of the role `postgres`. */
  password: string;
  binaries: PostgresBinaries;
  account: Account | null;
}

async function giveTo(account: Account | null, file: string): Promise<void> {
  if (account) await chown(file, account.uid, account.gid);
}

async function majorVersion(dataDir: string): Promise<string | null> {
  return readFile(path.join(dataDir, 'PG_VERSION'), 'utf8').then(
    (text) => text.trim(),
    () => null,
  );
}

async function initdb(cluster: Cluster, dataDir: string, passwordFile: string): Promise<void> {
  const options = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const args = [`--pgdata=${dataDir}`, ...options, ...locale];
  const result = await runCommand(cluster.binaries.initdb, args, { ...cluster.account, cwd: '/' });
  if (result.code === 0) return;
  if (/could not look up effective user ID/.test(result.stderr))
    throw new ServicesError(
      `PostgreSQL does not run as user ${process.getuid?.()}, who has no entry in /etc/passwd`,
      'add one, run as another user, or set DATABASE_URL',
    );
  throw new ServicesError(
    `PostgreSQL could not make its data directory ${dataDir} (${lastLine(result)})`,
    'free disk space or repair its permissions, run `npm ci`, or set DATABASE_URL',
  );
}

/** The server refuses to start on data of another major version, with a message nobody can act on. */
async function checkVersion(cluster: Cluster, present: string): Promise<void> {
  const { stdout } = await runCommand(cluster.binaries.postgres, ['--version'], { cwd: '/' });
  const ours = /(\d+)/.exec(stdout)?.[1];
  if (!ours || ours === present) return;
  throw new ServicesError(
    `The data in ${cluster.dataDir} is of PostgreSQL ${present}, and this one is ${ours}`,
    `move it away, or serve it with PostgreSQL ${present} and set DATABASE_URL`,
  );
}

/**
 * Makes the data directory when there is none yet. A crash leaves none or a whole one: it is
 * made under another name.
 * @returns whether there was one
 * @throws ServicesError when it cannot be made, or is of another major version.
 */
export async function initializeCluster(cluster: Cluster): Promise<boolean> {
  const present = await majorVersion(cluster.dataDir);
  if (present !== null) {
    await checkVersion(cluster, present);
    return true;
  }
  const half = `${cluster.dataDir}.new`;
  const passwordFile = `${half}-password`;
  await rm(half, { recursive: true, force: true });
  const above = path.dirname(half);
  await (cluster.account ? makeForOthers(above) : mkdir(above, { recursive: true }));
  await mkdir(half, { mode: 0o700 });
  await writeFile(passwordFile, cluster.password, { mode: 0o600 });
  await chmod(passwordFile, 0o600);
  await Promise.all([giveTo(cluster.account, half), giveTo(cluster.account, passwordFile)]);
  await initdb(cluster, half, passwordFile).finally(() => rm(passwordFile, { force: true }));
  await rename(half, cluster.dataDir);
  return false;
}

/** Of a cluster that does not run, whatever its password was: the file that had it was deleted. */
export async function setPassword({ binaries, dataDir, account, password }: Cluster): Promise<void> {
  const input = `alter role postgres password '${password}'\n`;
  const options = { ...account, cwd: '/', input };
  const result = await runCommand(binaries.postgres, ['--single', '-D', dataDir, 'postgres'], options);
  if (result.code === 0) return;
  throw new ServicesError(
    `The password of the data in ${dataDir} is gone, and no other could be set (${lastLine(result)})`,
    `move ${dataDir} away to start with nothing`,
  );
}

/** Those of `postgres` that say where its data are. */
export const dataArguments = (dataDir: string): [string, string] => ['-D', dataDir];

/** The arguments of `postgres`: on loopback only, without a Unix socket. */
export function postgresArguments(dataDir: string, port: number, settings: string[] = []): string[] {
  const all = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'logging_collector=off',
    // Elsewhere it has names that systemd deletes when the user logs out (`RemoveIPC`, on by default), or a container's 64 MB.
    ...(process.platform === 'win32' ? [] : ['dynamic_shared_memory_type=mmap']),
    ...settings,
  ];
  return [...dataArguments(dataDir), '-p', String(port), ...all.flatMap((setting) => ['-c', setting])];
}

/** The URL of a database on this machine's embedded server, which knows no TLS: `PGSSLMODE` is about other ones. */
export function localDatabaseUrl(port: number, password: string, database: string): string {
  return `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}?sslmode=disable`;
}
