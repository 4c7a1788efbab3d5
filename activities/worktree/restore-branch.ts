import { noteFor } from '../../db/session/session-notes';
import { epicCommits } from '../../db/task/task-commits';
import type { Conflict } from '../../domain/model';
import { commitOf, unlanded } from '../../git/content/commits';
import { branchRef } from '../../git/refs/refs';
import { landedTips } from '../../git/landing/landing';
import { independent, syncDependencies, type Dependency } from '../../git/worktree/sync';
import { worktreeTree } from '../../git/worktree/task-commit';
import type { ActivityDependencies } from '../scope/dependencies';
import type { Place } from '../scope/place';
import { standUp } from './stand-up';

/**
 * Brings back to an epic's branch what is complete but no longer on it, from the commits that were pinned: somebody
 * deleted or moved the branch by hand, or rewrote the base branch after it had landed.
 * @returns the conflict that is left in the worktree, where the branch has something else by now
 */
export async function restoreBranch(deps: ActivityDependencies, place: Place): Promise<Conflict | null> {
  const { repository, epic, branch, worktree } = place;
  if (epic === null) return null;
  const lost = await lostFrom(deps, place, await commitOf(repository, branchRef(branch)));
  const [tip] = await independent(repository, lost);
  if (!tip) return null;
  // A branch that is gone is made anew as it was: whatever the base branch has against it shows where it lands.
  await standUp(deps.db, place, tip.commit);
  const synced = await syncDependencies(repository, { worktree: worktree.path, branch, dependencies: lost });
  if (synced.kind === 'conflict') {
    return { ...synced.conflict, left: await worktreeTree(repository, worktree.path) };
  }
  await noteLost(deps, place, lost);
  return null;
}

/** What is complete in the place's epic, has not landed, and is not in its branch, which is at `head`. */
export async function lostFrom(
  { db }: ActivityDependencies,
  { repository, project, epic }: Place,
  head: string | null,
): Promise<Dependency[]> {
  if (epic === null) return [];
  const commits = await epicCommits(db, { projectId: project.id, epic });
  const tips = [...(await landedTips(repository, project)), ...(head ? [head] : [])];
  const all = commits.map(({ commit }) => commit);
  const outside = (await unlanded(repository, all, tips)).unlanded;
  return commits.filter(({ commit }) => outside.has(commit));
}

export async function noteLost(
  { db }: ActivityDependencies,
  { session, branch }: Place,
  lost: Dependency[],
): Promise<void> {
  const names = lost
    .slice(0, 10)
    .map(({ task }) => `T${task}`)
    .join(', ');
  const note = `${branch} had lost ${names}: brought back from the commits that are pinned`;
  await noteFor(db, { sessionId: session.id, note });
}
