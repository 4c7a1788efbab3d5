import type { Queryable } from '../db/connection';
import { appendEvent } from '../db/events';
import { withRepositoryLock } from '../db/repository-lock';
import { setWorktreeStatus } from '../db/worktree-status';
import type { Conflict } from '../domain/model';
import { conflictState, filesWithMarkers, leaveConflict } from '../git/conflict';
import { land, prepareLanding, repairLanding } from '../git/landing';
import { branchRef } from '../git/refs';
import { exists, isClean } from '../git/status';
import { ensureWorktree } from '../git/worktrees';
import type { LandingOutcome, LaneInput } from './contract';
import { isDamage } from './damage';
import type { ActivityDependencies } from './dependencies';
import { withLease, type Lease } from './lease';
import { openPlace, type Place } from './place';
import { restoreBranch } from './restore-branch';
import { verifyCandidate } from './verify-candidate';

/** How often the base branch may move under a landing before it is handed back to Temporal's retry. */
const MAX_MOVES = 20;

/** Merges a lane into the base branch. Conflicts, a checkout in the way and red tests are outcomes, not errors. */
export async function integrateEpic(deps: ActivityDependencies, input: LaneInput): Promise<LandingOutcome> {
  const place = await openPlace(deps.db, input);
  const holder = `landing of session ${input.sessionId}`;
  return withLease(deps.db, { worktreeId: place.worktree.id, holder }, async (lease) => {
    const outcome = await integrateOrDamaged(deps, place, lease);
    await lease.release();
    return outcome;
  });
}

async function integrateOrDamaged(
  deps: ActivityDependencies,
  place: Place,
  lease: Lease,
): Promise<LandingOutcome> {
  try {
    return await integrate(deps, place, lease);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return recordObstacle(deps, place, { outcome: 'blocked', reason: error.message });
  }
}

async function integrate(deps: ActivityDependencies, place: Place, lease: Lease): Promise<LandingOutcome> {
  const obstacle = await obstacleInWorktree(place);
  if (obstacle) return recordObstacle(deps, place, obstacle);
  await restoreBranch(deps, place);
  await record(deps.db, place, { type: 'merge_started', data: {} });
  for (let moves = 0; moves < MAX_MOVES; moves++) {
    const outcome = await tryLanding(deps, place, lease);
    if (outcome) return outcome;
  }
  return recordObstacle(deps, place, {
    outcome: 'blocked',
    reason: `${place.project.baseBranch} keeps moving`,
  });
}

/** What a person has begun in the worktree is theirs to finish. */
async function obstacleInWorktree({ repository, worktree }: Place): Promise<LandingOutcome | null> {
  if (!(await exists(worktree.path))) return null;
  const { merging, unmerged } = await conflictState(repository, worktree.path);
  if (merging) {
    const files = unmerged.join(', ') || 'everything resolved, not committed yet';
    return { outcome: 'conflict', reason: `the merge in ${worktree.path} is not finished: ${files}` };
  }
  const marked = await filesWithMarkers(worktree.path, conflictedFiles(worktree));
  if (marked.length) {
    const reason = `conflict markers are still in ${marked.join(', ')}: edit, git add and git commit in ${worktree.path}`;
    return { outcome: 'conflict', reason };
  }
  if (await isClean(repository, worktree.path)) return null;
  return { outcome: 'blocked', reason: `${worktree.path} has uncommitted changes: commit or remove them` };
}

const conflictedFiles = ({ conflict }: Place['worktree']): string[] =>
  conflict?.files.map((file) => file.path) ?? [];

/** Null when the base branch moved meanwhile. */
async function tryLanding(
  deps: ActivityDependencies,
  place: Place,
  lease: Lease,
): Promise<LandingOutcome | null> {
  const { repository, project } = place;
  const prepared = await withRepositoryLock(deps.db, place.project.gitDir, () => prepare(place));
  if (prepared.kind === 'nothing') return landed(deps, place, prepared.landed, 'nothing');
  if (prepared.kind === 'conflict') return conflicted(deps, place, prepared.conflict);
  const red = await verifyCandidate(deps, place, prepared.base.new, lease);
  if (red) return recordObstacle(deps, place, { outcome: 'rejected', reason: red });
  return withRepositoryLock(deps.db, place.project.gitDir, async () => {
    const result = await land(repository, { baseBranch: project.baseBranch, candidate: prepared });
    if (result.kind === 'moved') return null;
    if (result.kind === 'landed') return landed(deps, place, result.commit, 'landed');
    const files = result.files.length ? `: ${result.files.join(', ')}` : '';
    return recordObstacle(deps, place, { outcome: 'blocked', reason: `${result.reason}${files}` });
  });
}

async function prepare(place: Place) {
  const { repository, project, options, branch, epic } = place;
  const { baseBranch } = project;
  await repairLanding(repository, { baseBranch });
  return prepareLanding(repository, {
    baseBranch,
    head: branchRef(branch),
    strategy: epic === null ? 'regular' : options.mergeStrategy,
    message: landingMessage(place),
    date: new Date().toISOString(),
  });
}

function landingMessage({ epic, name, session }: Place): string {
  const subject = epic === null ? 'Merge the sequential session' : `Merge epic ${epic}: ${name}`;
  return `${subject}\n\n${epic === null ? '' : `YokeFlow-Epic: ${epic}\n`}YokeFlow-Session: ${session.id}\n`;
}

async function landed(
  deps: ActivityDependencies,
  place: Place,
  commit: string | null,
  outcome: 'landed' | 'nothing',
): Promise<LandingOutcome> {
  await deps.db.transaction(async (tx) => {
    await setWorktreeStatus(tx, {
      worktreeId: place.worktree.id,
      status: 'merged',
      ...(commit ? { mergeCommit: commit } : {}),
    });
    if (commit) await record(tx, place, { type: 'epic_merged', data: { commit }, key: `merged:${commit}` });
  });
  return commit ? { outcome, commit } : { outcome };
}

async function conflicted(
  deps: ActivityDependencies,
  place: Place,
  conflict: Conflict,
): Promise<LandingOutcome> {
  const { repository, worktree, branch, project } = place;
  await withRepositoryLock(deps.db, project.gitDir, () =>
    ensureWorktree(repository, { path: worktree.path, branch, start: conflict.theirs }),
  );
  // `ours` is the side to land on: the base branch, or its integration ref when squashing.
  await leaveConflict(repository, { worktree: worktree.path, branch, theirs: conflict.ours });
  const files = conflict.files.map((file) => file.path);
  await deps.db.transaction(async (tx) => {
    await setWorktreeStatus(tx, { worktreeId: worktree.id, status: 'conflict', conflict });
    await record(tx, place, { type: 'merge_conflict', data: { ...conflict, worktree: worktree.path } });
  });
  const reason = `conflicts with ${project.baseBranch} in ${files.join(', ')}; resolve and commit it in ${worktree.path}`;
  return { outcome: 'conflict', reason };
}

async function recordObstacle(
  deps: ActivityDependencies,
  place: Place,
  outcome: LandingOutcome,
): Promise<LandingOutcome> {
  const reason = outcome.reason ?? outcome.outcome;
  // A conflict that a person is still resolving stays on record as it is.
  if (outcome.outcome !== 'conflict' || !place.worktree.conflict) {
    await setWorktreeStatus(deps.db, {
      worktreeId: place.worktree.id,
      status: 'blocked',
      blockedReason: reason,
    });
  }
  const data = { outcome: outcome.outcome, reason, worktree: place.worktree.path };
  await record(deps.db, place, { type: 'attention_needed', data });
  return outcome;
}

type LandingEvent = 'merge_started' | 'merge_conflict' | 'epic_merged' | 'attention_needed';

async function record(
  db: Queryable,
  { session, epic }: Place,
  event: { type: LandingEvent; data: Record<string, unknown>; key?: string },
): Promise<void> {
  await appendEvent(db, { sessionId: session.id, ...(epic === null ? {} : { epic }), ...event });
}
