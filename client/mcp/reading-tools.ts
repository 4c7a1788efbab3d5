import type { z } from 'zod';
import { getParallelBatches } from '../../db/events/batches';
import { findEpic, loadPlan, listEpics } from '../../db/plan/plan-load';
import { latestSession } from '../../db/session/sessions';
import type { StoredTask } from '../../db/task/stored-task';
import { sessionSummary } from '../../db/session/summary';
import { getTask } from '../../db/task/tasks';
import { TASK_STATUSES } from '../../domain/model';
import { graphOf } from '../plan/stored-graph';
import { number, oneOf } from './fields';
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

export const listTasks: Tool<{ epic: z.ZodOptional<typeof number>; status: z.ZodOptional<z.ZodEnum> }> = {
  name: 'list_tasks',
  description: 'The tasks of the plan in short: number, epic, description, status, dependencies.',
  input: { epic: number.optional(), status: oneOf(TASK_STATUSES).optional() },
  readOnly: true,
  async run({ db, project }, { epic, status }) {
    if (epic !== undefined) await findEpic(db, project.id, epic);
    const { epics } = await loadPlan(db, project.id);
    return epics
      .flatMap((one) => one.tasks)
      .filter((task) => (epic === undefined || task.epic === epic) && (!status || task.status === status))
      .map(inShort);
  },
};

export const showTask: Tool<{ task: typeof number }> = {
  name: 'get_task',
  description: 'One task with its instructions and what came of it.',
  input: { task: number },
  readOnly: true,
  run: ({ db, project }, { task }) => getTask(db, { projectId: project.id, task }),
};

export const showEpics: Tool<Record<string, never>> = {
  name: 'list_epics',
  description:
    'The epics of the plan, and how many tasks of each are not finished. Each epic has one git worktree.',
  input: {},
  readOnly: true,
  async run({ db, project }) {
    const epics = await listEpics(db, project.id);
    return epics.map(({ number: epic, name, unfinished, complete }) => ({
      epic,
      name,
      unfinished,
      complete,
    }));
  },
};

export const showBatches: Tool<Record<string, never>> = {
  name: 'get_batches',
  description:
    'The batches of the plan: tasks of one batch do not depend on each other. Also the longest chain.',
  input: {},
  readOnly: true,
  async run({ db, project }) {
    const { batches, criticalPath } = graphOf(await loadPlan(db, project.id)).resolution;
    const session = await latestSession(db, project.name);
    const recorded = session?.endedAt === null ? await getParallelBatches(db, session.id) : [];
    const status = new Map(recorded.map((batch) => [batch.number, batch.status]));
    return {
      batches: batches.map((tasks, index) => ({ number: index + 1, tasks, status: status.get(index + 1) })),
      criticalPath,
    };
  },
};

export const showStatus: Tool<Record<string, never>> = {
  name: 'get_status',
  description: 'How the latest session stands: counts, epics, tasks with their reasons, cost.',
  input: {},
  readOnly: true,
  async run({ db, project }) {
    const session = await latestSession(db, project.name);
    if (!session) return { project: project.name, session: null };
    const { session: row, tasks, epics } = await sessionSummary(db, session.id);
    const { id, status, statusReason, totalCostUsd, startedAt, endedAt } = row;
    return {
      ...{ project: project.name, session: id, status, reason: statusReason, costUsd: totalCostUsd },
      ...{ startedAt, endedAt, counts: tasks },
      epics: epics.map(({ number: epic, name, worktree, tasks: all }) => ({
        ...{ epic, name, worktree: worktree?.status ?? null },
        tasks: all.map(({ number: task, title, status: now, reason }) => ({
          task,
          title,
          status: now,
          reason,
        })),
      })),
    };
  },
};
