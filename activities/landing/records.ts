import type { Queryable } from '../../db/connection/connection';
import { appendEvent } from '../../db/events/events';
import { releaseWaiting, storeLanded } from '../../db/landing/landed';
import { setWorktreeStatus } from '../../db/worktree/worktree-status';
import type { Conflict, PullRequest } from '../../domain/model';
import { fileNames } from '../../domain/file-names';
import { leaveConflict } from '../../git/worktree/conflict';
import { worktreeTree } from '../../git/worktree/task-commit';
import { activityName } from '../scope/activity-scope';
import type { HeldEpic, LandedEpic } from '../scope/contract';
import type { ActivityDependencies } from '../scope/dependencies';
import type { Place } from '../scope/place';
import { standUp } from '../worktree/stand-up';

type LandingEvent = 'merge_started' | 'merge_conflict' | 'epic_merged' | 'epic_proposed' | 'attention_needed';

export async function record(
  db: Queryable,
  { session, epic }: Pick<Place, 'session' | 'epic'>,
  event: { type: LandingEvent; data: Record<string, unknown>; key?: string },
): Promise<void> {
  await appendEvent(db, { sessionId: session.id, epic, ...event });
}

/** `commit`: what brought it to the base branch; null when it had nothing that the base branch lacked. */
export async function recordLanded(
  { db }: ActivityDependencies,
  { project, session, worktree, epic }: Place,
  commit: string | null,
  outcome: LandedEpic['outcome'],
): Promise<LandedEpic> {
  const lane = { projectId: project.id, sessionId: session.id, worktreeId: worktree.id, epic };
  await storeLanded(db, lane, commit);
  return { epic, outcome };
}

/** From here on it is somebody else's to merge. */
export async function recordProposed(
  { db }: ActivityDependencies,
  place: Place,
  pullRequest: PullRequest,
): Promise<LandedEpic> {
  const { number, url, commit } = pullRequest;
  await db.transaction(async (tx) => {
    await setWorktreeStatus(tx, { worktreeId: place.worktree.id, status: 'proposed', pullRequest });
    await releaseWaiting(tx, place.project.id, place.epic);
    await record(tx, place, {
      type: 'epic_proposed',
      data: { number, url, commit },
      key: `proposed:${place.epic}:${commit}`,
    });
  });
  return { epic: place.epic, outcome: 'proposed', pullRequest: { number, url } };
}

/** Leaves the merge in the epic's own worktree, markers and all, for whoever resolves it. */
export async function recordConflict(
  deps: ActivityDependencies,
  place: Place,
  conflict: Conflict,
): Promise<HeldEpic> {
  const { repository, worktree, branch, project } = place;
  await standUp(deps.db, place, conflict.theirs);
  // `ours` is the side to land on: the base branch, or its integration ref when squashing.
  await leaveConflict(repository, { worktree: worktree.path, branch, theirs: conflict.ours });
  const left = await worktreeTree(repository, worktree.path);
  await deps.db.transaction((tx) => putOnRecord(tx, place, conflict, left));
  return { epic: place.epic, outcome: 'conflict', reason: reasonOf(place, project.baseBranch, conflict) };
}

/**
 * The epic's own pinned work conflicts with what somebody made of its branch. That is theirs to settle: no agent is
 * asked, since no task wants it.
 */
export async function recordLost(
  { db, redact }: ActivityDependencies,
  place: Place,
  { left, ...conflict }: Conflict,
): Promise<HeldEpic> {
  const reason = redact(reasonOf(place, `its own work, which ${place.branch} had lost,`, conflict));
  const data = { outcome: 'conflict', reason, worktree: place.worktree.path };
  await db.transaction(async (tx) => {
    await putOnRecord(tx, place, conflict, left);
    await record(tx, place, { type: 'attention_needed', data, key: `lost:${activityName()}:${place.epic}` });
  });
  return { epic: place.epic, outcome: 'conflict', reason, begun: true };
}

async function putOnRecord(
  tx: Queryable,
  place: Place,
  conflict: Conflict,
  left: string | undefined,
): Promise<void> {
  const { id: worktreeId, path } = place.worktree;
  await setWorktreeStatus(tx, { worktreeId, status: 'conflict', conflict: { ...conflict, left } });
  const key = `conflict:${activityName()}:${place.epic}`;
  await record(tx, place, { type: 'merge_conflict', data: { ...conflict, worktree: path }, key });
}

function reasonOf({ worktree }: Place, other: string, { files }: Conflict): string {
  const names = fileNames(files.map(({ path }) => path));
  return `conflicts with ${other} in ${names.slice(0, 300)}; resolve and commit it in ${worktree.path}`;
}

/** What else keeps a lane from landing. A conflict that a person is still resolving stays on record, with how far it is. */
export async function recordObstacle(
  { db, redact }: ActivityDependencies,
  place: Place,
  held: Omit<HeldEpic, 'epic' | 'outcome'> & {
    outcome: HeldEpic['outcome'] | 'rejected';
    verification?: number;
  },
): Promise<void> {
  const { outcome, verification, begun } = held;
  const reason = redact(held.reason);
  const { id: worktreeId, conflict } = place.worktree;
  if (outcome === 'conflict' && conflict) {
    if (begun)
      await setWorktreeStatus(db, {
        worktreeId,
        status: 'conflict',
        conflict: { ...conflict, held: reason },
      });
  } else {
    await setWorktreeStatus(db, {
      worktreeId,
      status: 'blocked',
      blockedReason: reason,
      ...(verification === undefined ? {} : { verificationId: verification }),
    });
  }
  const data = { outcome, reason, worktree: place.worktree.path, ...(verification ? { verification } : {}) };
  await record(db, place, { type: 'attention_needed', data, key: keyOf(outcome, place) });
}

/** Of the same conflict a person hears once, however often it is met. */
function keyOf(outcome: string, { epic, worktree: { conflict } }: Place): string {
  if (outcome === 'conflict' && conflict) return `conflict:${epic}:${conflict.ours}:${conflict.theirs}`;
  return `${outcome}:${activityName()}:${epic}`;
}
