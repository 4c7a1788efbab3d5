import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { identityNamed, isRunning, nameOf, ownIdentity } from '../../processes/identity';
import { blocked, busy } from './advance-result';
import type { Blocked } from './advance-result';
import { gitIn, NotAWorktree } from '../repository/checkout';
import { commitOf } from '../content/commits';
import { changesBetween, readable } from '../content/diff';
import { clearJournal, journalFile, readJournal, UNREADABLE } from '../refs/journal';
import type { Journal } from '../refs/journal';
import { gitRunsIn, settleOrphans } from '../process/git-processes';
import { statesIn, statesOnDisk } from '../content/path-state';
import { putBack } from './put-back';
import { exists } from '../repository/exists';
import { branchRef } from '../refs/refs';
import { symbolicHead } from '../refs/symbolic-head';
import type { Repository } from '../repository/repository';
import type { Git } from '../process/runner';

/** Removes the locks that a killed landing held. Its process is dead: any git that still runs there is the user's. */
async function removeLocks(repo: Repository, gitDir: string, journal: Journal): Promise<Blocked | null> {
  const locks = [
    join(repo.gitDir, `${branchRef(journal.baseBranch)}.lock`),
    join(gitDir, 'HEAD.lock'),
    join(gitDir, 'index.lock'),
  ];
  for (const lock of locks) {
    if (!(await exists(lock))) continue;
    if (await gitRunsIn([journal.checkout, repo.gitDir]))
      return busy(`a git command is running in ${journal.checkout}: wait for it to end`);
    await rm(lock, { force: true });
  }
  return null;
}

/** Brings a half-updated checkout back to where it was: to `from`, and the user's own files stay as they are. */
export async function restoreFiles(git: Git, journal: Journal): Promise<Blocked | null> {
  const theirs = new Set(journal.theirs);
  const changes = (await changesBetween(git, journal.from, journal.to)).filter(
    ({ path }) => !theirs.has(path),
  );
  const states = await statesIn(git, changes);
  const begun = changes.filter(({ path }) => {
    const { disk, index } = states.get(path)!;
    return disk === 'new' || disk === 'partial' || disk === 'missing' || index === 'new';
  });
  if (begun.length === 0) return null;
  // The index comes last.
  if (journal.behind && changes.every(({ path }) => states.get(path)!.index === 'new')) return null;
  const foreign = changes.filter(({ path }) => {
    const { disk, index } = states.get(path)!;
    return disk === 'foreign' || index === 'foreign';
  });
  if (foreign.length > 0) {
    const files = foreign.map(({ path }) => readable(path));
    return blocked(
      `a landing in ${journal.checkout} was interrupted and these were edited: restore them`,
      files,
    );
  }
  await putBack(
    git,
    begun,
    begun.filter(({ path }) => states.get(path)!.sparse),
  );
  return null;
}

/** The user went on after the crash: only files that the landing left behind uncommitted are a problem. */
async function leftBehind(git: Git, journal: Journal): Promise<Blocked | null> {
  const changes = await changesBetween(git, journal.from, journal.to);
  const disk = await statesOnDisk(git, changes);
  const args = ['diff-index', '--name-only', '-z', '--ignore-submodules=dirty', 'HEAD'];
  const dirty = new Set((await git.run(args, { bytes: true })).stdout.split('\0'));
  const files = changes.filter(
    ({ path }) =>
      dirty.has(path) &&
      !journal.theirs.includes(path) &&
      ['new', 'partial', 'missing'].includes(disk.get(path) ?? ''),
  );
  if (files.length === 0) return null;
  const names = files.map(({ path }) => readable(path));
  return blocked(`an interrupted landing left files in ${journal.checkout}: restore or commit them`, names);
}

async function repairCheckout(repo: Repository, git: Git, journal: Journal): Promise<Blocked | null> {
  const locked = await removeLocks(repo, git.gitDir, journal);
  if (locked) return locked;
  const base = await commitOf(repo, branchRef(journal.baseBranch));
  // The files move before the branch does: with the branch there, all is done.
  if (base === journal.to && !journal.behind) return null;
  const head = await symbolicHead(git);
  const inPlace =
    base === (journal.behind ? journal.to : journal.from) && head === branchRef(journal.baseBranch);
  return inPlace ? restoreFiles(git, journal) : leftBehind(git, journal);
}

/**
 * Undoes a landing that a killed process left half-done in the user's checkout. A file is touched only when its
 * content is the landing's old or new one, or the beginning of the new one. Idempotent.
 * @returns null when nothing is left to repair, or what stands in the way
 */
export async function repairAdvance(repo: Repository, baseBranch: string): Promise<Blocked | null> {
  const journal = await readJournal(repo, baseBranch);
  if (!journal) return null;
  if (journal === UNREADABLE) {
    const file = journalFile(repo, baseBranch);
    return blocked(
      `nobody can tell whether a landing on ${baseBranch} was interrupted, since ${file} cannot be read: ` +
        'see whether git status shows files that are not yours, and delete it',
    );
  }
  const owner = identityNamed(journal.owner);
  if (journal.owner !== nameOf(await ownIdentity()) && (await isRunning(owner)))
    return busy(`another worker (process ${owner.pid}) is landing on ${baseBranch}: wait for it`);
  await settleOrphans(repo.gitDir);
  const git = await gitIn({ ...repo, signal: undefined }, journal.checkout).catch((error: unknown) => {
    if (error instanceof NotAWorktree) return null;
    throw error;
  });
  const obstacle = git ? await repairCheckout(repo, git, journal) : null;
  if (!obstacle) await clearJournal(repo, baseBranch);
  return obstacle;
}
