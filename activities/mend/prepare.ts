import { setAttemptBase } from '../../db/task/attempt-progress';
import { mergeWorkOf, recordMergeWork, type MergeWork } from '../../db/landing/merge-attempts';
import type { Conflict } from '../../domain/model';
import { requireCommit } from '../../git/content/commits';
import { branchRef } from '../../git/refs/refs';
import { startPoint } from '../../git/landing/landing';
import { syncDependencies } from '../../git/worktree/sync';
import type { ActivityDependencies } from '../scope/dependencies';
import { undoTry } from '../worktree/keep-work';
import { abandonUntouched, isMerging } from '../worktree/obstacle';
import { bringInDependencies } from '../worktree/prepare-worktree';
import { makeReady, type CommandFailure } from '../worktree/setup';
import { standUp } from '../worktree/stand-up';
import { undoAbandoned } from '../worktree/undo-abandoned';
import type { MendScope } from './scope';
import type { Place } from '../scope/place';
import { underRepositoryLock } from '../scope/under-repository-lock';

export type PreparedMend =
  | { kind: 'ready'; base: string; work: MergeWork }
  /** Somebody has settled the conflict, or what it was with has moved on. */
  | { kind: 'settled' }
  /** A person is at it. */
  | { kind: 'begun' }
  | ({ kind: 'setup-failed'; base: string } & CommandFailure);

/**
 * Begins the merge that keeps the epic back in its worktree: with markers where it conflicts, whole where it does not.
 * What an earlier try or the landing left there is undone first. A try that was interrupted goes on where it was.
 */
export async function prepareMend(deps: ActivityDependencies, scope: MendScope): Promise<PreparedMend> {
  const { place, attempt, lease } = scope;
  const known = await mergeWorkOf(deps.db, attempt.id);
  if (known && (scope.agent.resumes || attempt.agentEndedAt))
    return { kind: 'ready', base: attempt.baseCommit ?? known.ours, work: known };
  const { repository, branch } = place;
  if (!attempt.baseCommit) {
    await undoAbandoned(deps, place, { before: attempt.id, lease });
    if (await isBegun(place)) return { kind: 'begun' };
  }
  const base = attempt.baseCommit ?? (await requireCommit(repository, branchRef(branch)));
  const anew = await standUp(deps.db, place, base);
  await undoTry(deps, { place, attempt: { ...attempt, baseCommit: base }, lease });
  if (!attempt.baseCommit)
    await setAttemptBase(deps.db, { attemptId: attempt.id, token: lease.token, baseCommit: base });
  const failed = await makeReady(deps, place, { lease, head: base, anew });
  if (failed) return { kind: 'setup-failed', base, ...failed };
  const conflict = await beginMerge(deps, scope);
  // A red merge has none; it is known by what was red.
  if (scope.mend.verification === undefined && !('files' in conflict)) return { kind: 'settled' };
  const onto = await requireCommit(repository, branchRef(branch));
  const work = 'files' in conflict ? { ...conflict, onto } : { ...clean(base, conflict.theirs), onto };
  await recordMergeWork(deps.db, attempt.id, work);
  return { kind: 'ready', base, work };
}

/** A merge is in progress that is not as it was left for whoever resolves it: what earlier tries left is undone by now. */
const isBegun = async (place: Place): Promise<boolean> =>
  (await isMerging(place)) && !(await abandonUntouched(place));

const clean = (ours: string, theirs: string): Conflict => ({ during: 'landing', files: [], ours, theirs });

/** The conflict, or what the branch is at with all of it merged. `ours` is the epic's side here, also when it is about landing. */
export async function beginMerge(
  deps: ActivityDependencies,
  { place, mend, task }: Pick<MendScope, 'place' | 'mend' | 'task'>,
): Promise<Conflict | { theirs: string }> {
  const { repository, project, worktree, branch, options } = place;
  if (mend.task !== undefined) {
    const synced = await bringInDependencies(deps, place, task.id);
    return synced.kind === 'conflict' ? synced.conflict : { theirs: synced.head };
  }
  const { baseBranch } = project;
  const target = await underRepositoryLock(deps.db, place, ({ repository }) =>
    startPoint(repository, { baseBranch, strategy: options.mergeStrategy }),
  );
  const dependencies = [{ task: 0, commit: target, name: baseBranch }];
  const synced = await syncDependencies(repository, { worktree: worktree.path, branch, dependencies });
  return synced.kind === 'conflict' ? { ...synced.conflict, during: 'landing' } : { theirs: target };
}
