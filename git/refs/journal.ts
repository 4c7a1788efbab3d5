import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nameOf, ownIdentity } from '../../processes/identity';
import type { Repository } from '../repository/repository';
import { textOf } from '../repository/text-of';

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

export const journalFile = (repo: Repository, baseBranch: string) =>
  join(repo.gitDir, 'yokeflow', `advance-${encodeURIComponent(baseBranch)}.json`);

/** Written as a whole or not at all. */
export async function writeJournal(repo: Repository, entry: Omit<Journal, 'owner'>): Promise<Journal> {
  const file = journalFile(repo, entry.baseBranch);
  await mkdir(dirname(file), { recursive: true });
  const journal: Journal = { ...entry, owner: nameOf(await ownIdentity()) };
  await writeFile(`${file}.new`, JSON.stringify(journal), { flush: true });
  await rename(`${file}.new`, file);
  return journal;
}

/** Something is in its place that is no entry of ours: an agent may have written there. */
export const UNREADABLE = 'unreadable';

/** The entry that a killed process left, or null. */
export async function readJournal(
  repo: Repository,
  baseBranch: string,
): Promise<Journal | typeof UNREADABLE | null> {
  const text = await textOf(journalFile(repo, baseBranch));
  return text === null ? null : parse(text);
}

function parse(text: string): Journal | typeof UNREADABLE {
  try {
    const { owner, baseBranch, from, to, checkout, theirs, behind } = JSON.parse(text) as Journal;
    const texts = [owner, baseBranch, from, to, checkout, ...theirs].every((one) => typeof one === 'string');
    return texts ? { owner, baseBranch, from, to, checkout, theirs, behind } : UNREADABLE;
  } catch {
    return UNREADABLE;
  }
}

export async function clearJournal(repo: Repository, baseBranch: string): Promise<void> {
  await rm(journalFile(repo, baseBranch), { force: true });
}
