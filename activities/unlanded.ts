import { listEpics } from '../db/plan-load';
import { taskCommits } from '../db/task-commits';
import { reopenTasks } from '../db/task-status';
import { getWorktree } from '../db/worktrees';
import { SEQUENTIAL_BRANCH } from '../domain/names';
import { commitOf, unlanded } from '../git/commits';
import { landedTips } from '../git/landing';
import type { LaneRow } from './contract';
import type { ActivityDependencies } from './dependencies';
import type { Site } from './place';

/**
 * Which lanes hold finished work that the base branch lacks, by looking at git. A complete task whose commit is
 * gone from the repository goes back to the plan.
 */
export async function findUnlanded(deps: ActivityDependencies, site: Site): Promise<LaneRow[]> {
  const { project, repository } = site;
  const commits = await taskCommits(deps.db, project.id);
  const tips = await landedTips(repository, { baseBranch: project.baseBranch });
  const sequential = await sequentialHead(deps, site);
  const ids = commits.map(({ commit }) => commit);
  const { unlanded: outside, missing } = await unlanded(
    repository,
    ids,
    sequential ? [...tips, sequential] : tips,
  );
  const lost = commits.filter(({ commit }) => missing.has(commit)).map(({ task }) => task);
  if (lost.length) {
    await reopenTasks(deps.db, {
      projectId: project.id,
      tasks: lost,
      reason: 'its commit is gone from the repository',
    });
  }
  const epics = new Set(commits.filter(({ commit }) => outside.has(commit)).map(({ epic }) => epic));
  const rows: LaneRow[] = (await listEpics(deps.db, project.id)).map(({ number, name }) => ({
    epic: number,
    name,
    unlanded: epics.has(number),
  }));
  const pending = sequential
    ? (await unlanded(repository, [sequential], tips)).unlanded.has(sequential)
    : false;
  return [...rows, { epic: null, name: 'sequential session', unlanded: pending }];
}

async function sequentialHead(
  deps: ActivityDependencies,
  { project, repository }: Site,
): Promise<string | null> {
  const worktree = await getWorktree(deps.db, { projectId: project.id, epic: null });
  return worktree ? commitOf(repository, `refs/heads/${SEQUENTIAL_BRANCH}`) : null;
}
