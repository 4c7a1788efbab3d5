import { resolve } from '../../domain/graph/graph';
import { describeCycles } from '../../domain/graph/graph-cycles';
import type { Plan } from '../../domain/plan/plan';
import type { Queryable } from '../connection/connection';
import { PlanRefused } from '../connection/errors';
import { diffPlan, lateDependency } from './plan-diff';
import { loadPlan } from './plan-load';
import { removeEmptyEpics, removeTasks, writeEpics, writeTasks } from './plan-write';
import { placeProject } from '../project/project-place';
import { createProject, type Repository } from '../project/projects';
import { findOpenSession } from '../session/sessions';
import { tasksAtWork } from '../task/at-work';

export interface ImportResult {
  projectId: number;
  created: number;
  updated: number;
  unchanged: number;
  /** Numbers of finished tasks that the file no longer has. */
  kept: number[];
  removed: number[];
  warnings: string[];
  /** The session that is open, and has yet to be told of the changes; null when there is none, or nothing changed. */
  openSession: number | null;
}

/**
 * Writes a plan down, in one transaction. Over an earlier import it updates what changed, removes unfinished
 * tasks that the file no longer has, and keeps finished work. Throws `PlanRefused`, one line, for a plan whose
 * graph is wrong, for a change to what an open session works on right now, and for a repository that would part
 * a project from its work, or in which another project has run.
 */
export async function importPlan(
  db: Queryable,
  { plan, repository }: { plan: Plan; repository: Repository },
): Promise<ImportResult> {
  checkGraph(plan);
  return db.transaction(async (tx) => {
    const placeWarnings = await placeProject(tx, plan.project, repository);
    const { project: name, verify, setup, cleanup } = plan;
    const { id: projectId } = await createProject(tx, { name, repository, verify, setup, cleanup });
    const session = await findOpenSession(tx, projectId);
    const stored = (await loadPlan(tx, projectId)).epics.flatMap((epic) => epic.tasks);
    const diff = diffPlan(stored, plan, session ? await tasksAtWork(tx, session.id) : new Set());
    refuseRunning(diff.running);
    const [late] = diff.late;
    if (late) throw new PlanRefused(lateDependency(late.task, late.dependsOn, 'complete'));
    await writeEpics(tx, projectId, plan.epics);
    const removed = await removeTasks(tx, projectId, diff.removed);
    const written = await writeTasks(tx, projectId, [...diff.created, ...diff.updated]);
    if (session) refuseRunning([...removed, ...written]);
    await removeEmptyEpics(
      tx,
      projectId,
      plan.epics.map((epic) => epic.id),
    );
    const changed = diff.created.length + diff.updated.length + diff.removed.length > 0;
    const warnings = [...diff.warnings, ...placeWarnings];
    return {
      projectId,
      created: diff.created.length,
      updated: diff.updated.length,
      unchanged: diff.unchanged,
      kept: diff.kept,
      removed: diff.removed,
      warnings,
      openSession: session && changed ? session.id : null,
    };
  });
}

function refuseRunning(running: readonly number[]): void {
  if (running.length === 0) return;
  const tasks = running.map((task) => `T${task}`).join(', ');
  throw new PlanRefused(
    `${tasks}: changed or missing in the plan, but running now; wait or cancel the session`,
  );
}

function checkGraph(plan: Plan): void {
  const { cycles, missing, duplicates } = resolve(plan.epics.flatMap((epic) => epic.tasks));
  if (duplicates.length > 0)
    throw new PlanRefused(`id: several tasks are number ${duplicates[0]}: renumber one`);
  const [edge] = missing;
  if (edge) {
    throw new PlanRefused(
      `depends_on: task ${edge.task} depends on ${edge.dependency}, which is not in the plan`,
    );
  }
  if (cycles.length > 0)
    throw new PlanRefused(`${describeCycles(cycles)}: leave one of these dependencies out`);
}
