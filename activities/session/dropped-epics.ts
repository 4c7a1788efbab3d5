import { GitError } from '../../git/process/runner';
import type { Queryable } from '../../db/connection/connection';
import { listEpics, type StoredEpic } from '../../db/plan/plan-load';
import { withRepositoryLock } from '../../db/landing/repository-lock';
import { noteFor } from '../../db/session/session-notes';
import { taskCommits } from '../../db/task/task-commits';
import { getWorktree, listWorktrees, type Worktree } from '../../db/worktree/worktrees';
import { SEQUENTIAL_BRANCH } from '../../domain/names';
import { commitOf, unlanded } from '../../git/content/commits';
import { provenTips } from '../../git/landing/landing';
import type { ActivityDependencies } from '../scope/dependencies';
import { isDamage } from '../worktree/damage';
import { recordObstacle } from '../landing/records';
import { openPlace, type Site } from '../scope/place';
import { recordLanded } from './unlanded';
import { watchBase } from '../worktree/watch-base';

/**
 * Looks at the base branch once more before a session says what it came to: somebody may have rewritten it after an
 * epic had landed. An epic that it does not contain any more waits to be merged again; one that it contains, or that
 * has nothing to land, has landed, whatever its record says.
 * @returns whether that could be found out; when not, a note says why
 */
export async function holdDropped(
  deps: ActivityDependencies,
  site: Site,
  { cancelled }: { cancelled: boolean },
): Promise<boolean> {
  const { session, project, repository } = site;
  const look = () => withRepositoryLock(deps.db, project.gitDir, () => compare(deps, site));
  const problem = await look().catch((error: unknown) => {
    // Who cancelled does not wait until git works again.
    if (isDamage(error) || (cancelled && error instanceof GitError)) return (error as Error).message;
    throw error;
  });
  if (problem === null) return true;
  const { baseBranch } = project;
  const note = `whether ${baseBranch} of ${repository.path} has what landed could not be looked up: ${problem}`;
  await noteFor(deps.db, { sessionId: session.id, note: deps.redact(note) });
  return false;
}

async function compare(deps: ActivityDependencies, site: Site): Promise<string | null> {
  const { project, repository } = site;
  const { baseBranch } = project;
  if (!(await commitOf(repository, `refs/heads/${baseBranch}`))) return `there is no branch ${baseBranch}`;
  await watchBase(deps, site);
  const tips = await provenTips(repository, { baseBranch });
  const sequential = await heldSequential(deps, site, tips);
  const outside = await epicsOutside(deps.db, site, sequential ? [...tips, sequential] : tips);
  await recordLanded(deps, project.id, outside);
  const worktrees = new Map((await listWorktrees(deps.db, project.id)).map((one) => [one.epic, one]));
  for (const epic of await listEpics(deps.db, project.id)) {
    if (outside.has(epic.number) && countsAsLanded(site, epic, worktrees.get(epic.number)))
      await waitAgain(deps, site, epic.number);
  }
  return null;
}

/** The head of the sequential branch while it still has to land, or has to land again; null when there is none. */
async function heldSequential(
  deps: ActivityDependencies,
  site: Site,
  tips: string[],
): Promise<string | null> {
  const worktree = await getWorktree(deps.db, { projectId: site.project.id, epic: null });
  const head = worktree && (await commitOf(site.repository, `refs/heads/${SEQUENTIAL_BRANCH}`));
  if (!head) return null;
  const landed = worktree.status === 'merged' || worktree.status === 'removed';
  if (landed && (await unlanded(site.repository, [head], tips)).unlanded.has(head))
    await waitAgain(deps, site, null);
  return head;
}

/** The epics of which a finished task's commit is in none of the tips. */
async function epicsOutside(db: Queryable, { project, repository }: Site, tips: string[]) {
  const commits = await taskCommits(db, project.id);
  const ids = commits.map(({ commit }) => commit);
  const { unlanded: outside, missing } = await unlanded(repository, ids, tips);
  return new Set(
    commits.filter(({ commit }) => outside.has(commit) || missing.has(commit)).map(({ epic }) => epic),
  );
}

/** As the session's result counts it: see `statusOf` there. */
function countsAsLanded(
  { options }: Site,
  { unfinished }: StoredEpic & { unfinished: number },
  worktree: Worktree | undefined,
): boolean {
  if (unfinished > 0) return false;
  return (
    !worktree || ['merged', 'removed', ...(options.parallel ? [] : ['active'])].includes(worktree.status)
  );
}

async function waitAgain(deps: ActivityDependencies, site: Site, epic: number | null): Promise<void> {
  const place = await openPlace(deps.db, { sessionId: site.session.id, epic });
  const { baseBranch } = site.project;
  const reason = `it had landed, but ${baseBranch} was rewritten and does not contain it any more`;
  await recordObstacle(deps, place, { outcome: 'blocked', reason });
}
