import { getParallelBatches } from '../../db/events/batches';
import { findEpic, loadPlan, listEpics } from '../../db/plan/plan-load';
import { latestSession } from '../../db/session/sessions';
import type { StoredTask } from '../../db/task/stored-task';
import { sessionSummary } from '../../db/session/summary';
import { getTask } from '../../db/task/tasks';
import { listWorktrees } from '../../db/worktree/worktrees';
import { TASK_STATUSES, type TaskStatus } from '../../domain/model';
import { graphOf } from '../plan/stored-graph';
import { number, oneOf, page, pageOf } from './fields';
import type { Tool } from './tool';

const inShort = ({
  number: task,
  epic,
  description,
  status,
  statusReason,
  priority,
  dependsOn,
}: StoredTask) => ({
  ...{ task, epic, description, status, priority, dependsOn },
  ...(statusReason ? { reason: statusReason } : {}),
});

const taskFilter = { epic: number.optional(), status: oneOf(TASK_STATUSES).optional(), ...page };

export const listTasks: Tool<typeof taskFilter> = {
  name: 'list_tasks',
  description:
    'The tasks of the plan in short: number, epic, description, status, dependencies. A page at a time: see `next_offset`.',
  input: taskFilter,
  readOnly: true,
  async run({ db, project }, { epic, status, ...wanted }) {
    if (epic !== undefined) await findEpic(db, project.id, epic);
    const { epics } = await loadPlan(db, project.id);
    const found = epics
      .flatMap((one) => one.tasks)
      .filter((task) => (epic === undefined || task.epic === epic) && (!status || task.status === status));
    const { items, rest } = pageOf(found, wanted);
    return { tasks: items.map(inShort), ...rest };
  },
};

export const showTask: Tool<{ task: typeof number }> = {
  name: 'get_task',
  description: 'One task with its instructions and what came of it.',
  input: { task: number },
  readOnly: true,
  run: ({ db, project }, { task }) => getTask(db, { projectId: project.id, task }),
};

export const showEpics: Tool<typeof page> = {
  name: 'list_epics',
  description:
    'The epics of the plan, how many tasks of each are not finished, and how its git worktree stands. A page at a time: see `next_offset`.',
  input: page,
  readOnly: true,
  async run({ db, project }, wanted) {
    const { items, rest } = pageOf(await listEpics(db, project.id), wanted);
    const worktrees = new Map((await listWorktrees(db, project.id)).map((one) => [one.epic, one.status]));
    const epics = items.map(({ number: epic, name, unfinished, complete }) => ({
      ...{ epic, name, unfinished, complete },
      worktree: worktrees.get(epic) ?? null,
    }));
    return { epics, ...rest };
  },
};

export const showBatches: Tool<typeof page> = {
  name: 'get_batches',
  description:
    'The batches of the plan: tasks of one batch do not depend on each other. Also the longest chain, or its beginning. A page of tasks at a time: see `next_offset`.',
  input: page,
  readOnly: true,
  async run({ db, project }, wanted) {
    const { batches, criticalPath } = graphOf(await loadPlan(db, project.id)).resolution;
    const session = await latestSession(db, project.name);
    const recorded = session?.endedAt === null ? await getParallelBatches(db, session.id) : [];
    const status = new Map(recorded.map((batch) => [batch.number, batch.status]));
    const ordered = batches.flatMap((tasks, index) => tasks.map((task) => ({ batch: index + 1, task })));
    const { items, rest } = pageOf(ordered, wanted);
    const shown = [...new Set(items.map(({ batch }) => batch))];
    return {
      batches: shown.map((number) => ({
        number,
        tasks: items.flatMap(({ batch, task }) => (batch === number ? [task] : [])),
        status: status.get(number),
      })),
      criticalPath: criticalPath.slice(0, wanted.limit),
      criticalPathLength: criticalPath.length,
      ...rest,
    };
  },
};

/** Of these a model has something to see to, or to wait for. */
const OPEN: readonly TaskStatus[] = ['running', 'failed', 'blocked'];

export const showStatus: Tool<typeof page> = {
  name: 'get_status',
  description:
    'How the latest session stands: counts, cost, and the tasks that run, failed or are blocked, with their reasons. A page at a time: see `next_offset`.',
  input: page,
  readOnly: true,
  async run({ db, project }, wanted) {
    const session = await latestSession(db, project.name);
    if (!session) return { project: project.name, session: null };
    const { session: row, tasks: counts, epics } = await sessionSummary(db, session.id);
    const { id, status, statusReason, totalCostUsd, startedAt, endedAt } = row;
    const open = epics.flatMap(({ number: epic, tasks }) =>
      tasks
        .filter((task) => OPEN.includes(task.status))
        .map(({ number: task, title, status: now, reason }) => ({ task, epic, title, status: now, reason })),
    );
    const { items, rest } = pageOf(open, wanted);
    return {
      ...{ project: project.name, session: id, status, reason: statusReason, costUsd: totalCostUsd },
      ...{ startedAt, endedAt, counts, tasks: items, ...rest },
    };
  },
};
