import { listEpics } from '../../db/plan/plan-load';
import { reopenTasks } from '../../db/task/task-status';
import { noteFor } from '../../db/session/session-notes';
import { epicCommits } from '../../db/task/task-commits';
import { setWorktreeStatus } from '../../db/worktree/worktree-status';
import { listWorktrees } from '../../db/worktree/worktrees';
import { landedIn } from '../../git/landing/landed-in';
import { independent } from '../../git/worktree/sync';
import type { LaneRow } from '../scope/contract';
import type { ActivityDependencies } from '../scope/dependencies';
import type { Site } from '../scope/place';
import { laneRow } from './lane-row';
import { outsideBase } from './outside-base';
import type { OpenProposals } from './pull-requests';

/**
 * Which lanes hold finished work that the base branch lacks, by looking at git. A complete task whose commit is
 * gone from the repository goes back to the plan. Call it under the repository's lock.
 * @param proposed what others have been asked to merge, whole: nothing is to be done about it
 */
export async function findUnlanded(
  deps: ActivityDependencies,
  site: Site,
  proposed: OpenProposals = new Map(),
): Promise<LaneRow[]> {
  const { project } = site;
  const { unlanded, missing, sequential } = await outsideBase(deps.db, site);
  const lost = missing.map(({ task }) => task);
  if (lost.length) {
    await reopenTasks(deps.db, {
      projectId: project.id,
      tasks: lost,
      reason: 'its commit is gone from the repository',
    });
    for (const task of lost) {
      const note = `T${task} was complete, but its commit is gone from the repository: it is done again`;
      await noteFor(deps.db, { sessionId: site.session.id, task, note });
    }
  }
  const epics = new Set(unlanded.map(({ epic }) => epic));
  const rowOf = (epic: number | null, name: string, unlanded: boolean): LaneRow => {
    const open = unlanded ? proposed.get(epic) : undefined;
    return open ? { ...laneRow(epic, name, false), pullRequest: open } : laneRow(epic, name, unlanded);
  };
  const rows = (await listEpics(deps.db, project.id)).map(({ number, name }) =>
    rowOf(number, name, epics.has(number)),
  );
  await recordFoundLanded(deps, site, epics);
  return [...rows, rowOf(null, 'sequential session', sequential !== null)];
}

/**
 * Epics that landed without a record of it: a crash came in between, a person merged them, or the database is older.
 * One whose tasks were all skipped has nothing to land.
 */
export async function recordFoundLanded(
  { db }: Pick<ActivityDependencies, 'db'>,
  { project, repository }: Pick<Site, 'project' | 'repository'>,
  unlandedEpics: ReadonlySet<number>,
): Promise<void> {
  const worktrees = new Map(
    (await listWorktrees(db, project.id)).map((worktree) => [worktree.epic, worktree]),
  );
  for (const { number, unfinished } of await listEpics(db, project.id)) {
    const worktree = worktrees.get(number);
    const whole = unfinished === 0 && !unlandedEpics.has(number);
    if (!worktree || !whole || ['merged', 'removed'].includes(worktree.status)) continue;
    const [tip] = await independent(
      repository,
      await epicCommits(db, { projectId: project.id, epic: number }),
    );
    const landed =
      tip && (await landedIn(repository, { baseBranch: project.baseBranch, commit: tip.commit }));
    await setWorktreeStatus(db, {
      worktreeId: worktree.id,
      status: 'merged',
      ...(landed ? { mergeCommit: landed.commit } : {}),
    });
  }
}
