import type { Queryable } from '../../db/connection/connection';
import { taskCommits, type TaskCommit } from '../../db/task/task-commits';
import { getWorktree, type Worktree } from '../../db/worktree/worktrees';
import { SEQUENTIAL_BRANCH } from '../../domain/names';
import { commitOf, unlanded } from '../../git/content/commits';
import { branchRef } from '../../git/refs/refs';
import { provenTips } from '../../git/landing/landing';
import type { Site } from '../scope/place';

/** Finished work that the base branch does not contain, by looking at git. */
export interface OutsideBase {
  /** Of epics: neither in the base branch nor in the sequential one. */
  unlanded: TaskCommit[];
  /** Gone from the repository. */
  missing: TaskCommit[];
  /** The sequential branch's worktree, if that branch holds what the base branch lacks. */
  sequential: Worktree | null;
}

/** Call it under the repository's lock. */
export async function outsideBase(
  db: Queryable,
  { project, repository }: Pick<Site, 'project' | 'repository'>,
): Promise<OutsideBase> {
  const commits = await taskCommits(db, project.id);
  const tips = await provenTips(repository, { baseBranch: project.baseBranch });
  const worktree = await getWorktree(db, { projectId: project.id, epic: null });
  const head = worktree && (await commitOf(repository, branchRef(SEQUENTIAL_BRANCH)));
  const pending = head ? (await unlanded(repository, [head], tips)).unlanded.has(head) : false;
  const ids = commits.map(({ commit }) => commit);
  const outside = await unlanded(repository, ids, head ? [...tips, head] : tips);
  return {
    unlanded: commits.filter(({ commit }) => outside.unlanded.has(commit)),
    missing: commits.filter(({ commit }) => outside.missing.has(commit)),
    sequential: pending ? worktree : null,
  };
}
