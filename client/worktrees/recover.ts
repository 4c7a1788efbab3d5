import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../../db/connection/connection';
import { listEpics } from '../../db/plan/plan-load';
import type { Project } from '../../db/project/projects';
import { withRepositoryLock } from '../../db/landing/repository-lock';
import { findOpenSession } from '../../db/session/sessions';
import { forgetSetup, setWorktreeStatus } from '../../db/worktree/worktree-status';
import { listWorktrees as storedWorktrees, upsertWorktree, type Worktree } from '../../db/worktree/worktrees';
import { epicBranchName, SEQUENTIAL_BRANCH, WORKTREES_DIRECTORY } from '../../domain/names';
import { commitOf } from '../../git/content/commits';
import { branchRef } from '../../git/refs/refs';
import { landedTips, repairLanding } from '../../git/landing/landing';
import type { Gh } from '../../hosting/gh';
import type { Repository } from '../../git/repository/repository';
import { exists } from '../../git/repository/exists';
import { followMove } from '../../git/worktree/moved';
import { deleteRemoved, takeOut, whyNotRemovable } from '../../git/worktree/worktree-removal';
import { ensureWorktree, listWorktrees } from '../../git/worktree/worktrees';
import { openOurs } from './claim';
import { asOwner } from './lease';
import { removeTrash, throwScratchAway } from './leftovers';
import { cleanUpAfter } from './project-cleanup';
import { settlePullRequests } from './pull-requests';

export interface Recovery {
  /** Worktrees that can be worked in again. */
  recovered: string[];
  /** Leftovers that are gone now. */
  cleaned: string[];
  /** What was left as it is, and why. */
  problems: string[];
}

/**
 * Brings the database, git's list and the disk to say the same: a landing that was cut off is finished or undone,
 * worktrees of branches that hold work are made whole again, and what has landed goes. Nothing unmerged is removed.
 */
export async function recoverWorktrees(
  db: Database,
  project: Project,
  { gh, signal: interrupted }: { gh: Gh; signal: AbortSignal },
): Promise<Recovery> {
  const repository = await openOurs(project);
  const recovery: Recovery = { recovered: [], cleaned: [], problems: [] };
  // Who has just been told that the repository is another's may still be at work in it.
  if (interrupted.aborted) return recovery;
  const scratch = await withRepositoryLock(db, project.gitDir, async (signal) => {
    await followMove(repository);
    const obstacle = await repairLanding({ ...repository, signal }, project);
    if (obstacle) recovery.problems.push(obstacle.reason);
    recovery.recovered.push(...(await adoptUnknown(db, project, repository)));
    return (await findOpenSession(db, project.id)) === null ? throwScratchAway(repository) : [];
  });
  recovery.problems.push(...(await settlePullRequests(db, { project, repository, gh })));
  const { cleaned, problems } = await removeTrash(repository, scratch);
  recovery.cleaned.push(...cleaned);
  recovery.problems.push(...problems);
  for (const worktree of await storedWorktrees(db, project.id)) {
    if (interrupted.aborted) break;
    if (worktree.status === 'removed' && !(await exists(worktree.path))) continue;
    const locked = <T>(work: (repository: Repository) => Promise<T>) =>
      withRepositoryLock(db, project.gitDir, (signal) => work({ ...repository, signal }));
    const owned = await asOwner(db, worktree.id, async (owner) => {
      const going = await locked((repository) => isGoing(repository, project, worktree)).catch(() => false);
      const { identity } = repository;
      const place = { project, worktree, identity, owner, signal: interrupted };
      const failed = going ? await cleanUpAfter(place) : null;
      if (failed) return problem(`${failed} (worktrees clean --force removes it all the same)`);
      const outcome = await locked((repository) =>
        recoverOne(repository, project.baseBranch, worktree).catch((error: Error) => problem(error.message)),
      );
      return finish(db, worktree, outcome);
    });
    note(recovery, worktree, owned.owned ? owned.value : problem(owned.reason));
  }
  recovery.problems.push(...(await strangers(db, project, repository)));
  return recovery;
}

type Outcome = { kind: 'fine' | 'recovered' | 'cleaned' } | { kind: 'problem'; reason: string };

const problem = (reason: string): Outcome => ({ kind: 'problem', reason });

/** Whether `recoverOne` will remove it, and the project has a command for what was made outside of it for its sake. */
async function isGoing(
  repository: Repository,
  { baseBranch, cleanup }: Project,
  { path, branchName: branch, status }: Worktree,
): Promise<boolean> {
  if (!cleanup || status !== 'merged' || !(await exists(path))) return false;
  const base = await landedTips(repository, { baseBranch });
  return (await whyNotRemovable(repository, { path, branch, base })) === null;
}

function note(recovery: Recovery, { path }: Worktree, outcome: Outcome): void {
  if (outcome.kind === 'problem') recovery.problems.push(`${path}: ${outcome.reason}`);
  else if (outcome.kind !== 'fine') recovery[outcome.kind].push(path);
}

/** What is out of git's list is deleted without the lock: a large worktree would keep merges waiting. */
async function finish(db: Database, { id, path, status }: Worktree, outcome: Outcome): Promise<Outcome> {
  if (outcome.kind === 'recovered') await forgetSetup(db, id);
  if (outcome.kind !== 'cleaned') return outcome;
  const left = await deleteRemoved(path);
  if (status !== 'removed') await setWorktreeStatus(db, { worktreeId: id, status: 'removed' });
  return left ? problem(left) : outcome;
}

async function recoverOne(repository: Repository, baseBranch: string, worktree: Worktree): Promise<Outcome> {
  const { path, branchName: branch, status } = worktree;
  const tip = await commitOf(repository, branchRef(branch));
  const onDisk = await exists(path);
  if (status === 'merged' || status === 'removed' || (tip === null && !onDisk)) {
    const base = await landedTips(repository, { baseBranch });
    const { removed, reason } = await takeOut(repository, { path, branch, base });
    if (!removed) return problem(reason ?? 'stays');
    return { kind: 'cleaned' };
  }
  const start = tip ?? worktree.startCommit ?? branchRef(baseBranch);
  const { created } = await ensureWorktree(repository, { path, branch, start });
  return { kind: created ? 'recovered' : 'fine' };
}

/** Worktrees of the plan's epics that git has and the database, restored from a backup perhaps, does not. */
async function adoptUnknown(db: Database, project: Project, repository: Repository): Promise<string[]> {
  const stored = new Set((await storedWorktrees(db, project.id)).map(({ branchName }) => branchName));
  const epics = await listEpics(db, project.id);
  const lanes = new Map<string, number | null>([
    [SEQUENTIAL_BRANCH, null],
    ...epics.map(({ number, name }) => [epicBranchName(number, name), number] as const),
  ]);
  const adopted: string[] = [];
  for (const { branch, path, main } of await listWorktrees(repository)) {
    if (main || branch === null || stored.has(branch)) continue;
    const epic = lanes.get(branch);
    const own = path === join(repository.path, WORKTREES_DIRECTORY, branch);
    if (epic === undefined || !own) continue;
    await upsertWorktree(db, { projectId: project.id, epic, path, branchName: branch });
    adopted.push(path);
  }
  return adopted;
}

/** Folders that are nobody's: a person has to say what they are. */
async function strangers(db: Database, project: Project, repository: Repository): Promise<string[]> {
  const folder = join(repository.path, WORKTREES_DIRECTORY);
  const known = new Set([
    ...(await storedWorktrees(db, project.id)).map(({ path }) => path),
    ...(await listWorktrees(repository)).map(({ path }) => path),
  ]);
  const names = await readdir(folder).catch(() => [] as string[]);
  return names
    .filter((name) => !name.startsWith('.trash-') && !known.has(join(folder, name)))
    .map((name) => `${join(folder, name)}: is no worktree of this repository; move or delete it yourself`);
}
