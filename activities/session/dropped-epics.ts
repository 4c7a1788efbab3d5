import type { Queryable } from '../../db/connection/connection';
import { GitError } from '../../git/process/runner';
import { listEpics, type StoredEpic } from '../../db/plan/plan-load';
import { noteFor } from '../../db/session/session-notes';
import { setWorktreeStatus } from '../../db/worktree/worktree-status';
import { listWorktrees, type Worktree } from '../../db/worktree/worktrees';
import { commitOf } from '../../git/content/commits';
import { branchRef } from '../../git/refs/refs';
import type { ActivityDependencies } from '../scope/dependencies';
import { isDamage } from '../worktree/damage';
import { recordObstacle } from '../landing/records';
import { openPlace, type Site } from '../scope/place';
import { outsideBase } from './outside-base';
import { recordFoundLanded } from './unlanded';
import { watchBase } from '../worktree/watch-base';
import { underRepositoryLock } from '../scope/under-repository-lock';

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
  const look = () => underRepositoryLock(deps.db, site, (held) => compare(deps, held));
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
  if (!(await commitOf(repository, branchRef(baseBranch)))) return `there is no branch ${baseBranch}`;
  await watchBase(deps, site);
  const { unlanded, missing, sequential } = await outsideBase(deps.db, site);
  if (sequential && ['merged', 'removed'].includes(sequential.status)) await waitAgain(deps, site, null);
  const outside = new Set([...unlanded, ...missing].map(({ epic }) => epic));
  await recordFoundLanded(deps, site, outside);
  const worktrees = new Map((await listWorktrees(deps.db, project.id)).map((one) => [one.epic, one]));
  const lane = worktrees.get(null);
  if (lane && !sequential) await recordLaneLanded(deps.db, site, lane);
  for (const epic of await listEpics(deps.db, project.id)) {
    if (outside.has(epic.number) && countsAsLanded(site, epic, worktrees.get(epic.number)))
      await waitAgain(deps, site, epic.number);
  }
  return null;
}

/** A cancelled session has not said of its branch that all of it is in the base branch. */
async function recordLaneLanded(
  db: Queryable,
  { repository }: Site,
  { id, branchName, status }: Worktree,
): Promise<void> {
  const made = status === 'active' && (await commitOf(repository, branchRef(branchName)));
  if (made) await setWorktreeStatus(db, { worktreeId: id, status: 'merged' });
}

/** As the session's result counts it: see `epicResults` in close-session.ts. */
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
