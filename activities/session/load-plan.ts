import { isFinished } from '../../domain/model';
import { listEpics, loadSchedule } from '../../db/plan/plan-load';
import type { LaneRow, TaskPage, TaskRow } from '../scope/contract';
import type { ActivityDependencies } from '../scope/dependencies';
import { siteRecord, type SiteRecord } from '../scope/place';
import { agentWords } from '../task/task-agent';
import { laneRow } from './lane-row';
import { PAGE, taskPage } from './task-page';

/** The tasks after a number of the plan, as a session takes them in. */
export async function loadPage(
  deps: ActivityDependencies,
  { project, options }: Pick<SiteRecord, 'project' | 'options'>,
  after: number,
): Promise<TaskPage> {
  const rows = await loadSchedule(deps.db, project.id, { after, limit: PAGE });
  const tasks = rows.map((row): TaskRow => ({
    id: row.task,
    epic: row.epic,
    priority: row.priority,
    dependsOn: row.dependsOn,
    finished: isFinished(row.status),
    ...(row.status === 'failed' || row.status === 'blocked'
      ? { stopped: { as: row.status, reason: row.reason ?? row.status } }
      : {}),
    title: row.title,
    agent: agentWords(row, options),
  }));
  return taskPage(tasks);
}

export async function loadTasks(
  deps: ActivityDependencies,
  { sessionId, after }: { sessionId: number; after: number },
): Promise<TaskPage> {
  return loadPage(deps, await siteRecord(deps.db, sessionId), after);
}

/**
 * What is unlanded is not looked up again: the session knows what landed. So the repository may be away: a session that is
 * cancelled meanwhile waits for this.
 */
export async function reloadPlan(
  deps: ActivityDependencies,
  { sessionId }: { sessionId: number },
): Promise<{ lanes: LaneRow[]; page: TaskPage }> {
  const site = await siteRecord(deps.db, sessionId);
  const epics = await listEpics(deps.db, site.project.id);
  const lanes = epics.map(({ number, name }) => laneRow(number, name, false));
  return { lanes, page: await loadPage(deps, site, 0) };
}
