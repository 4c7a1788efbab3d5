import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { describeClaim, parseClaim, type Claim } from '../../domain/claim';
import { RepositoryProblem, type Repository } from './repository';

type Place = Pick<Repository, 'path' | 'gitDir'>;

const fileOf = ({ gitDir }: Place) => join(gitDir, 'yokeflow', 'claim.json');

/** Nobody can tell whose it is: an agent may have written there, or the file system has lost it. */
const UNREADABLE = 'unreadable';
const LARGEST = 4096;

export const newClaim = (database: string, { home, server }: { home: string; server: string }): Claim => ({
  database,
  by: `${userName()} on ${hostname()}, home ${home}, database ${server}`,
  since: new Date().toISOString(),
});

/** A container may run as a user that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? '?'}`;
  }
}

/** Null where nobody has worked yet. */
async function readClaim(repo: Place): Promise<Claim | typeof UNREADABLE | null> {
  const file = fileOf(repo);
  // To read from what an agent has put there instead of a file might take for ever.
  const found = await lstat(file).catch(({ code }: NodeJS.ErrnoException) => code);
  if (found === 'ENOENT' || found === 'ENOTDIR') return null;
  if (typeof found !== 'object' || !found.isFile() || found.size > LARGEST) return UNREADABLE;
  return parseClaim(await readFile(file, 'utf8').catch(() => '')) ?? UNREADABLE;
}

async function otherClaim(repo: Place, database: string): Promise<Claim | null> {
  const claim = await readClaim(repo);
  return claim === null || claim === UNREADABLE || claim.database === database ? null : claim;
}

/** Who else works in the repository, in words; null where nobody is known to. Starts no process: it is asked all the time. */
export async function otherHolder(repo: Place, database: string): Promise<string | null> {
  const other = await otherClaim(repo, database);
  return other && describeClaim(other);
}

type Found = Awaited<ReturnType<typeof readClaim>>;

const isOf = (claim: Found, database: string): boolean =>
  claim !== null && claim !== UNREADABLE && claim.database === database;

/** Whether it holds the work of this database. */
export const isHeldBy = async (repo: Place, database: string): Promise<boolean> =>
  isOf(await readClaim(repo), database);

export const takeOverCommand = (project: string) =>
  `yokeflow worktrees recover --project ${project} --take-over`;

const refusal = ({ path }: Place, other: Claim, project: string) =>
  new RepositoryProblem(
    `${path} holds the work of ${describeClaim(other)}: use that one or another clone, or, when no session is open ` +
      `there, take the repository over: ${takeOverCommand(project)}`,
  );

/** @throws RepositoryProblem where the repository holds the work of another database */
export async function requireNotOthers(
  repo: Place,
  { name, databaseId }: { name: string; databaseId: string },
): Promise<void> {
  const other = await otherClaim(repo, databaseId);
  if (other) throw refusal(repo, other, name);
}

/**
 * Puts it down that the repository holds the work of this database, so that no other one works there. Idempotent.
 * @throws RepositoryProblem where it holds the work of another one
 */
export async function claimRepository(repo: Place, mine: Claim, project: string): Promise<void> {
  const found = (await readClaim(repo)) ?? (await writeFirst(repo, mine));
  if (found === UNREADABLE)
    throw new RepositoryProblem(
      `nobody can tell whose work ${repo.path} holds, since ${fileOf(repo)} cannot be read: if no other database of ` +
        `YokeFlow works there, ${takeOverCommand(project)}`,
    );
  if (found.database !== mine.database) throw refusal(repo, found, project);
}

/** The same, whoever had it. @returns who that was, in words; null where it was nobody else */
export async function takeOver(repo: Place, mine: Claim): Promise<string | null> {
  const found = await readClaim(repo);
  if (isOf(found, mine.database)) return null;
  await withText(repo, mine, async (text) => {
    // A folder could not be replaced.
    if (found === UNREADABLE) await rm(fileOf(repo), { recursive: true, force: true });
    await rename(text, fileOf(repo));
  });
  return found === null || found === UNREADABLE ? null : describeClaim(found);
}

/** Of two that begin at once, the first one has it. @returns whose it is now */
async function writeFirst(repo: Place, mine: Claim): Promise<Claim | typeof UNREADABLE> {
  const isFirst = await withText(repo, mine, (text) => putInPlace(text, fileOf(repo)));
  return isFirst ? mine : ((await readClaim(repo)) ?? UNREADABLE);
}

/** As a whole or not at all. False: something is there. */
async function putInPlace(text: string, file: string): Promise<boolean> {
  try {
    await link(text, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') throw error;
      // Some file systems know no links.
      return copyFile(text, file, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Runs `work` with a file beside the claim's that has its text. @throws RepositoryProblem where nothing can be written */
async function withText<T>(repo: Place, claim: Claim, work: (text: string) => Promise<T>): Promise<T> {
  const text = `${fileOf(repo)}.${randomUUID()}`;
  try {
    await mkdir(dirname(text), { recursive: true });
    await writeFile(text, `${JSON.stringify(claim)}\n`, { flush: true });
    return await work(text);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new RepositoryProblem(
      `${dirname(text)} may not be written to (${code ?? message}): let the user that runs the worker write there`,
    );
  } finally {
    await rm(text, { force: true }).catch(() => undefined);
  }
}
