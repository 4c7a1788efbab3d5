import { setAttemptBase } from '../../db/task/attempt-progress';
import { mergeWorkOf, recordMergeWork, type MergeWork } from '../../db/landing/merge-attempts';
import type { Conflict } from '../../domain/model';
import { requireCommit } from '../../git/content/commits';
import { branchRef } from '../../git/refs/refs';
import { startPoint } from '../../git/landing/landing';
import { syncDependencies } from '../../git/worktree/sync';
import { ensureWorktree } from '../../git/worktree/worktrees';
import type { ActivityDependencies } from '../scope/dependencies';
import { undoTry } from '../worktree/keep-work';
import { bringInDependencies } from '../worktree/prepare-worktree';
import { undoAbandoned } from '../worktree/undo-abandoned';
import type { MendScope } from './scope';
import { underRepositoryLock } from '../scope/under-repository-lock';

/**
 * Begins the merge that keeps the epic back in its worktree: with markers where it conflicts, whole where it does not.
 * What an earlier try or the landing left there is undone first. A try that was interrupted goes on where it was.
 * @returns null: somebody has settled the conflict with what a task depends on
 */
export async function prepareMend(deps: ActivityDependencies, scope: MendScope): Promise<MergeWork | null> {
  const { place, attempt, lease } = scope;
  const known = await mergeWorkOf(deps.db, attempt.id);
  if (known && (scope.agent.resumes || attempt.agentEndedAt)) return known;
  const { repository, branch } = place;
  if (!attempt.baseCommit) await undoAbandoned(deps, place, { before: attempt.id, lease });
  const base = attempt.baseCommit ?? (await startOf(deps, scope));
  await undoTry(deps, { place, attempt: { ...attempt, baseCommit: base }, lease });
  if (!attempt.baseCommit)
    await setAttemptBase(deps.db, { attemptId: attempt.id, token: lease.token, baseCommit: base });
  const conflict = await beginMerge(deps, scope);
  if (scope.mend.task !== undefined && !('files' in conflict)) return null;
  const onto = await requireCommit(repository, branchRef(branch));
  const work = 'files' in conflict ? { ...conflict, onto } : { ...clean(base, conflict.theirs), onto };
  await recordMergeWork(deps.db, attempt.id, work);
  return work;
}

async function startOf(deps: ActivityDependencies, { place }: MendScope): Promise<string> {
  const { worktree, branch } = place;
  return underRepositoryLock(deps.db, place, async ({ repository }) => {
    const start = await requireCommit(repository, branchRef(branch));
    return (await ensureWorktree(repository, { path: worktree.path, branch, start })).head;
  });
}

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
