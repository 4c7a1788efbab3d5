import { randomBytes } from 'node:crypto';
import { access, chmod, constants, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ServicesError } from './errors';
import { replaceFile } from './replace-file';

/** Where things are below the home of the embedded services. */
export function homePaths(home: string) {
  return {
    state: path.join(home, 'services.json'),
    lastPorts: path.join(home, 'ports.json'),
    lock: path.join(home, 'supervisor.lock'),
    logs: path.join(home, 'logs'),
    bin: path.join(home, 'bin'),
    temporalDb: path.join(home, 'temporal', 'temporal.db'),
    postgresPassword: path.join(home, 'postgres.password'),
    /** Of agents that are command lines. */
    conversations: path.join(home, 'agents'),
    outputs: path.join(home, 'outputs'),
  };
}

export type HomePaths = ReturnType<typeof homePaths>;

/** Of the nearest folder that is there: of a read-only disk, `mkdir` says that something is missing. */
async function whyNotWritable(folder: string): Promise<string | null> {
  const code = await access(folder, constants.W_OK).then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
  const above = path.dirname(folder);
  return code === 'ENOENT' && above !== folder ? whyNotWritable(above) : code;
}

const whyNotMade = (folder: string): Promise<string | null> =>
  mkdir(folder, { recursive: true, mode: 0o700 }).then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );

const WORDS: Record<string, string> = {
  ENOENT: 'a link leads nowhere',
  EROFS: 'read-only file system',
  EACCES: 'permission denied',
  ENOTDIR: 'a file is in its place',
};

/** @throws ServicesError where nothing can be written */
export async function makeHomeFolder(home: string): Promise<void> {
  const why = (await whyNotWritable(home)) ?? (await whyNotMade(home));
  if (why === null) return;
  throw new ServicesError(
    `Nothing can be written in ${home} (${WORDS[why] ?? why})`,
    'set YOKEFLOW_HOME to a folder of yours',
  );
}

/**
 * Makes the folders. They are for their owner alone; only as root others may enter (not list) the
 * home, because PostgreSQL's data in it belongs to another account.
 */
export async function makeHome(home: string): Promise<HomePaths> {
  const paths = homePaths(home);
  await makeHomeFolder(home);
  if (process.getuid?.() === 0) await chmod(home, 0o711);
  for (const folder of [paths.logs, path.dirname(paths.temporalDb)]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  return paths;
}

/** The embedded PostgreSQL's password; null before its first start. */
export async function readPassword(paths: HomePaths): Promise<string | null> {
  return readFile(paths.postgresPassword, 'utf8').then(
    (text) => text.trim(),
    () => null,
  );
}

/** Made up once. Call it only while holding the supervisor's place. */
export async function ensurePassword(paths: HomePaths): Promise<string> {
  const present = await readPassword(paths);
  if (present) return present;
  const password = randomBytes(24).toString('base64url');
  await replaceFile(paths.postgresPassword, password);
  return password;
}
