import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nameOf, ownIdentity } from '../../processes/identity';
import type { Repository } from '../repository/repository';

/** What is about to happen to a user's checkout, on disk before it begins and gone when it has ended. */
export interface Journal {
  /** The process that does it, as `nameOf` names it. */
  owner: string;
  baseBranch: string;
  from: string;
  to: string;
  /** The folder with the files. */
  checkout: string;
  /** Paths (as in `Change`) at which the user had something else than `from` already: whatever is there now is theirs. */
  theirs: string[];
  /** The branch was at `to` before, and only the files follow. */
  behind: boolean;
}

const fileOf = (repo: Repository, baseBranch: string) =>
  join(repo.gitDir, 'yokeflow', `advance-${encodeURIComponent(baseBranch)}.json`);

/** Written as a whole or not at all. */
export async function writeJournal(repo: Repository, entry: Omit<Journal, 'owner'>): Promise<Journal> {
  const file = fileOf(repo, entry.baseBranch);
  await mkdir(dirname(file), { recursive: true });
  const journal: Journal = { ...entry, owner: nameOf(await ownIdentity()) };
  await writeFile(`${file}.new`, JSON.stringify(journal), { flush: true });
  await rename(`${file}.new`, file);
  return journal;
}

/** The entry that a killed process left, or null. */
export async function readJournal(repo: Repository, baseBranch: string): Promise<Journal | null> {
  const text = await readFile(fileOf(repo, baseBranch), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as Journal);
}

export async function clearJournal(repo: Repository, baseBranch: string): Promise<void> {
  await rm(fileOf(repo, baseBranch), { force: true });
}
