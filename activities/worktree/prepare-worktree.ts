import { setAttemptBase } from '../../db/task/attempt-progress';
import { type Attempt } from '../../db/task/attempts';
import { noteFor } from '../../db/session/session-notes';
import { dependencyCommits } from '../../db/task/tasks';
import { forgetSetup, setWorktreeStart, setWorktreeStatus } from '../../db/worktree/worktree-status';
import type { Conflict } from '../../domain/model';
import { commitOf, isAncestor, unlanded } from '../../git/content/commits';
import { branchRef } from '../../git/refs/refs';
import { conflictState, filesWithMarkers } from '../../git/worktree/conflict';
import { gitIn } from '../../git/repository/checkout';
import { startPoint } from '../../git/landing/landing';
import { integrationRef } from '../../git/landing/integration';
import { resetWorktree } from '../../git/worktree/reset';
import { snapshot } from '../../git/worktree/snapshot';
import { worktreeTree } from '../../git/worktree/task-commit';
import { uncommittedInSubmodules } from '../../git/submodule/submodules';
import { syncDependencies, type Dependency } from '../../git/worktree/sync';
import { releaseSpace } from '../../git/worktree/free-space';
import {
  fillWorktree,
  readyWorktree,
  registerWorktree,
  type ReadyWorktree,
} from '../../git/worktree/worktrees';
import type { ActivityDependencies } from '../scope/dependencies';
import { refuseForeignBranch } from './foreign-branch';
import { undoTry } from './keep-work';
import { lostFrom, noteLost } from './restore-branch';
import { abandonUntouched } from './obstacle';
import type { Lease } from '../scope/lease';
import type { Place } from '../scope/place';
import type { TryScope } from '../scope/try-scope';
import { requireSpace } from './disk';
import { makeReady, type CommandFailure } from './setup';
import { undoAbandoned } from './undo-abandoned';
import { watchBase } from './watch-base';
import { underRepositoryLock } from '../scope/under-repository-lock';

/** What stands at the worktree's path, if nothing is to be made or mended: looked at while the try is put on record. */
export type Standing = Promise<ReadyWorktree | null>;

export type Prepared =
  | { kind: 'ready'; baseCommit: string }
  /** `begun`: somebody works on it. */
  | { kind: 'conflict'; conflict: Conflict; begun: boolean }
  | ({ kind: 'setup-failed' } & CommandFailure);

/**
 * Makes the worktree what a try may start from: on its branch, clean, with the commits of every dependency in
 * it. A try that was interrupted goes on where it was when its agent can, and starts over when it cannot.
 */
export async function prepareWorktree(
  deps: ActivityDependencies,
  {
    place,
    attempt,
    agent,
    lease,
    standing,
  }: Pick<TryScope, 'place' | 'attempt' | 'agent' | 'lease'> & { standing: Standing },
): Promise<Prepared> {
  const { created, head, state } = await standingPlace(deps, place, {
    ready: await standing,
    baseCommit: attempt.baseCommit,
  });
  if (attempt.baseCommit) {
    if (!agent.resumes && !created) await undoTry(deps, { place, attempt, lease });
    const anew = created || !place.worktree.setupDoneAt;
    const failed = anew ? await makeReady(deps, place, { lease, head, anew }) : null;
    if (failed) return { kind: 'setup-failed', ...failed };
    return { kind: 'ready', baseCommit: attempt.baseCommit };
  }
  if (!created) {
    const unresolved = await settleLeftovers(deps, place, { attempt, head, state, lease });
    if (unresolved) return { kind: 'conflict', conflict: unresolved, begun: true };
  }
  // Just made, or looked at and put right above.
  const synced = await bringInDependencies(deps, place, attempt.taskId, { clean: true });
  if (synced.kind === 'conflict') {
    const left = await worktreeTree(place.repository, place.worktree.path);
    return { kind: 'conflict', conflict: { ...synced.conflict, left }, begun: false };
  }
  const failed = await makeReady(deps, place, { lease, head: synced.head, anew: created });
  if (failed) return { kind: 'setup-failed', ...failed };
  await setAttemptBase(deps.db, { attemptId: attempt.id, token: lease.token, baseCommit: synced.head });
  return { kind: 'ready', baseCommit: synced.head };
}

/** What stands where a try is to start, if that needs nothing; for whoever owns it, since nothing is locked. */
export const lookAtWorktree = ({ repository, worktree, branch }: Place): Standing =>
  readyWorktree(repository, { path: worktree.path, branch });

const NEW = { merging: false, unmerged: [], dirty: false };

/** A worktree that stands needs nothing but a look; to make or to mend one takes the repository's lock. */
async function standingPlace(
  deps: ActivityDependencies,
  place: Place,
  { ready, baseCommit }: { ready: ReadyWorktree | null; baseCommit: string | null },
): Promise<ReadyWorktree & { created: boolean }> {
  const { repository, worktree } = place;
  if (ready) return { ...ready, created: false };
  const ensured = await ensurePlace(deps, place, baseCommit);
  return { ...ensured, state: ensured.created ? NEW : await conflictState(repository, worktree.path) };
}

async function ensurePlace(
  deps: ActivityDependencies,
  place: Place,
  baseCommit: string | null,
): Promise<{ created: boolean; head: string }> {
  const { repository, worktree } = place;
  try {
    const registered = await underRepositoryLock(deps.db, place, (held) =>
      registerPlace(deps, held, baseCommit),
    );
    if (registered.created) await fillWorktree(repository, worktree.path);
    return registered;
  } finally {
    releaseSpace(worktree.path);
  }
}

async function registerPlace(
  deps: ActivityDependencies,
  place: Place,
  baseCommit: string | null,
): Promise<{ created: boolean; head: string }> {
  const { repository, project, options, worktree, branch, epic } = place;
  const strategy = epic === null ? 'regular' : options.mergeStrategy;
  await watchBase(deps, place);
  const start = baseCommit ?? (await startPoint(repository, { baseBranch: project.baseBranch, strategy }));
  if (!baseCommit) await refuseForeignBranch(deps.db, place);
  await requireSpace(deps, place, start);
  const registered = await registerWorktree(repository, { path: worktree.path, branch, start });
  if (registered.created) {
    await forgetSetup(deps.db, worktree.id);
    await setWorktreeStart(deps.db, { worktreeId: worktree.id, startCommit: registered.head });
    if (worktree.status !== 'active')
      await setWorktreeStatus(deps.db, { worktreeId: worktree.id, status: 'active' });
  }
  return registered;
}

/**
 * What earlier sessions left. A try that died without being settled is undone (its work is kept under its ref);
 * a merge that a person has begun is theirs to finish; other uncommitted changes are kept and cleared away.
 */
async function settleLeftovers(
  deps: ActivityDependencies,
  place: Place,
  { attempt, head, state, lease }: ReadyWorktree & { attempt: Attempt; lease: Lease },
): Promise<Conflict | null> {
  const { repository, worktree, branch } = place;
  const undone =
    (await undoAbandoned(deps, place, { before: attempt.id, lease })) || (await abandonUntouched(place));
  // Then nothing is left of it.
  if (!undone && state.merging) return worktree.conflict ?? (await unknownConflict(place));
  const conflicted = worktree.conflict?.files.map((file) => file.path) ?? [];
  if ((await filesWithMarkers(worktree.path, conflicted)).length) return worktree.conflict;
  if (!undone && (state.dirty || (await isDirtyInside(place)))) {
    const ref = `refs/yokeflow/wip/${attempt.task}/before-${attempt.number}`;
    const message = `Found in ${branch} before T${attempt.task}`;
    const kept = await snapshot(repository, { worktree: worktree.path, ref, message });
    // No try of ours left them there: perhaps a person means to have them in.
    const note = `${branch} had uncommitted changes before T${attempt.task}: put aside, and kept at ${ref}`;
    if (kept) await noteFor(deps.db, { sessionId: place.session.id, task: attempt.task, note });
    // Who left them there may have gone to another commit: what is on the branch stays.
    const to = (await commitOf(repository, branchRef(branch))) ?? head;
    await resetWorktree(repository, { worktree: worktree.path, branch, to });
  }
  if (worktree.status !== 'active')
    await setWorktreeStatus(deps.db, { worktreeId: worktree.id, status: 'active' });
  return null;
}

/** What is not committed in a submodule, no status of the worktree tells. */
const isDirtyInside = async ({ repository, worktree }: Place): Promise<boolean> =>
  (await uncommittedInSubmodules(await gitIn(repository, worktree.path))).length > 0;

async function unknownConflict({ repository, worktree, branch }: Place): Promise<Conflict> {
  const { unmerged } = await conflictState(repository, worktree.path);
  const ours = (await commitOf(repository, branchRef(branch))) ?? '';
  return { during: 'sync', files: unmerged.map((path) => ({ path, kind: 'contents' })), ours, theirs: '' };
}

export async function bringInDependencies(
  deps: ActivityDependencies,
  place: Place,
  taskId: number,
  seen: { clean?: boolean } = {},
) {
  const { repository, worktree, branch, epic } = place;
  const complete = (await dependencyCommits(deps.db, taskId)).flatMap(({ commit, ...needed }) =>
    commit ? [{ task: needed.task, epic: needed.epic, own: needed.epic === epic, commit }] : [],
  );
  if (epic === null) await followBase(place);
  const dependencies = epic === null ? await throughIntegration(place, complete) : complete;
  const landed = epic === null ? undefined : await landedTip(place);
  const head = await commitOf(repository, branchRef(branch));
  const request = { worktree: worktree.path, branch, dependencies, landed, ...seen };
  const synced = await syncDependencies(repository, request);
  const moved = synced.kind === 'synced' && synced.head !== head;
  const own = complete.filter((one) => one.epic === epic);
  if (moved && own.length > 0) await noteBroughtBack(deps, place, { head, dependencies: own });
  return synced;
}

/** A dependency of the same epic that was not in its branch any more: somebody moved it by hand. */
async function noteBroughtBack(
  deps: ActivityDependencies,
  place: Place,
  { head, dependencies }: { head: string | null; dependencies: Dependency[] },
): Promise<void> {
  const back = new Set(dependencies.map(({ commit }) => commit));
  const lost = (await lostFrom(deps, place, head)).filter(({ commit }) => back.has(commit));
  if (lost.length > 0) await noteLost(deps, place, lost);
}

/** What epics of this session are merged with. */
async function landedTip({ repository, project, options }: Place): Promise<string | undefined> {
  const base = project.baseBranch;
  const ref = options.mergeStrategy === 'squash' ? integrationRef(base) : branchRef(base);
  return (await commitOf(repository, ref)) ?? undefined;
}

/** The sequential branch stays on top of the base branch as long as it has nothing of its own: linear history. */
async function followBase({ repository, worktree, branch, project }: Place): Promise<void> {
  const base = await commitOf(repository, branchRef(project.baseBranch));
  const head = await commitOf(repository, branchRef(branch));
  if (!base || !head || head === base || !(await isAncestor(repository, head, base))) return;
  await resetWorktree(repository, { worktree: worktree.path, branch, to: base });
}

/** A dependency that was squashed is in the linear branch only by way of the integration ref. */
async function throughIntegration(
  { repository, project }: Place,
  dependencies: Dependency[],
): Promise<Dependency[]> {
  const tip = await commitOf(repository, integrationRef(project.baseBranch));
  if (!tip) return dependencies;
  const outside = await unlanded(
    repository,
    dependencies.map(({ commit }) => commit),
    [tip],
  );
  return dependencies.map((one) => (outside.unlanded.has(one.commit) ? one : { ...one, commit: tip }));
}
