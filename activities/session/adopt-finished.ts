import { isFinished } from '../../domain/model';
import { adoptComplete } from '../../db/plan/adopt-complete';
import { loadPlan } from '../../db/plan/plan-load';
import { noteFor } from '../../db/session/session-notes';
import { findSessionProject } from '../../db/project/session-project';
import type { StoredTask } from '../../db/task/stored-task';
import { misfit } from '../../domain/task/task-pin';
import { isAncestor } from '../../git/content/commits';
import { readPinned, type PinnedTask } from '../../git/refs/pinned-task';
import { taskPins } from '../../git/refs/pins';
import type { ActivityDependencies } from '../scope/dependencies';
import type { Site } from '../scope/place';

/**
 * Finished work is never done again: git keeps the commit of every complete task, and where the database does not know
 * of it (it was restored from an older copy, or a crash came between the two) the task is taken over as complete. What
 * does not fit the plan is reported and left alone.
 */
export async function adoptFinished(deps: ActivityDependencies, site: Site): Promise<void> {
  const { project, repository } = site;
  const pins = await taskPins(repository);
  if (pins.size === 0) return;
  const tasks = (await loadPlan(deps.db, project.id)).epics.flatMap((epic) => epic.tasks);
  const candidates = tasks.filter((task) => !isFinished(task.status) && pins.has(task.number));
  if (!candidates.length) return;
  const read = await readPinned(repository, [...new Set(candidates.map(({ number }) => pins.get(number)!))]);
  const byCommit = new Map(read.map((pinned) => [pinned.commit, pinned]));
  const commits = new Map(
    tasks.filter(({ status }) => isFinished(status)).map(({ number, commit }) => [number, commit]),
  );
  const open = new Map<StoredTask, PinnedTask>();
  for (const task of candidates) {
    const pinned = byCommit.get(pins.get(task.number)!);
    if (pinned && !(await isOfOtherProject(deps, site, pinned))) open.set(task, pinned);
  }
  await takeOver(deps, site, { open, commits });
}

/** Two projects may share a repository: their tasks have the same numbers, and their sessions have not. */
async function isOfOtherProject(
  { db }: ActivityDependencies,
  { session, project }: Site,
  pinned: PinnedTask,
) {
  if (!pinned.session || pinned.session === session.id) return false;
  const owner = await findSessionProject(db, pinned.session);
  return owner !== null && owner !== project.id;
}

/** In the order of their dependencies: one that is taken over may be what the next one builds on. */
async function takeOver(
  { db }: ActivityDependencies,
  { project, session, repository }: Site,
  { open, commits }: { open: Map<StoredTask, PinnedTask>; commits: Map<number, string | null> },
): Promise<void> {
  const reasons = new Map<StoredTask, string>();
  for (let before = -1; before !== open.size;) {
    before = open.size;
    for (const [task, pinned] of open) {
      const needed = task.dependsOn.filter(({ type }) => type === 'hard').map((one) => one.task);
      const missing: number[] = [];
      for (const other of needed) {
        const commit = commits.get(other);
        if (commit && !(await isAncestor(repository, commit, pinned.commit))) missing.push(other);
      }
      const why = misfit({
        ...{ number: task.number, description: task.description, pinned },
        openDependencies: needed.filter((other) => !commits.has(other)),
        missingDependencies: missing,
      });
      reasons.set(task, why ?? '');
      if (why) continue;
      const { commit, base, empty, date: completedAt } = pinned;
      const finished = { commit, baseCommit: base!, empty, completedAt };
      const tries = { session: pinned.session || 0, attempt: pinned.attempt || 0 };
      await adoptComplete(db, {
        projectId: project.id,
        tasks: [{ task: task.number, ...finished, ...tries }],
      });
      const note = `T${task.number} was finished in git (${commit.slice(0, 10)}) and not in the database: taken over`;
      await noteFor(db, { sessionId: session.id, task: task.number, note });
      commits.set(task.number, commit);
      open.delete(task);
    }
  }
  for (const task of open.keys()) {
    const note = `refs/yokeflow/tasks/${task.number} ${reasons.get(task)}: T${task.number} is done as the plan has it`;
    await noteFor(db, { sessionId: session.id, task: task.number, note });
  }
}
