import { addDependency, createEpic, createTask } from '../../db/plan/plan-edit';
import { findEpic } from '../../db/plan/plan-load';
import { updateTask } from '../../db/task/task-update';
import { AGENTS, DEPENDENCY_TYPES } from '../../domain/model';
import { UsageError } from '../cli/exit';
import { modelName, number, oneOf, priority, shortWords, tasks, words } from './fields';
import type { Tool } from './tool';

const taskFields = {
  epic: number.describe('the epic that it belongs to'),
  description: shortWords('what it is, in a few words, on one line', 500),
  action: words('what the agent is to do, in full: it sees nothing else of this conversation', 100_000),
  priority: priority.optional(),
  depends_on: tasks.optional().describe('tasks that must be complete before'),
  dependency_type: oneOf(DEPENDENCY_TYPES).optional().describe('hard (it waits, the default) or soft'),
  agent: oneOf(AGENTS).optional().describe('who does it; usually left out'),
  model: modelName.optional(),
};

export const addTask: Tool<typeof taskFields> = {
  name: 'create_task',
  description: 'Adds a task to an epic. It joins the session that runs; otherwise the next one does it.',
  input: taskFields,
  async run({ db, project, announce }, { epic, depends_on, dependency_type, ...rest }) {
    const { id: epicId } = await findEpic(db, project.id, epic);
    const edges = { dependsOn: depends_on ?? [], dependencyType: dependency_type ?? ('hard' as const) };
    const { number: task } = await createTask(db, { projectId: project.id, epicId, ...rest, ...edges });
    return { task, epic, session: await announce() };
  },
};

const changes = {
  task: number,
  description: taskFields.description.optional(),
  action: taskFields.action.optional(),
  priority: priority.optional(),
  agent: oneOf(AGENTS).optional().describe('who does it; usually left out'),
  model: modelName.optional(),
};

export const changeTask: Tool<typeof changes> = {
  name: 'update_task',
  description:
    'Changes a task that neither runs nor is finished; one that failed is tried again. What is left out stays as it is.',
  input: changes,
  async run({ db, project, announce }, { task, ...change }) {
    if (Object.values(change).every((value) => value === undefined))
      throw new UsageError(
        `nothing to change: give T${task} a description, action, priority, agent or model`,
      );
    await updateTask(db, { projectId: project.id, task, ...change });
    return { task, session: await announce() };
  },
};

const epicFields = { name: shortWords('a short name, on one line', 200) };

export const addEpic: Tool<typeof epicFields> = {
  name: 'create_epic',
  description:
    'Adds an epic: tasks that share one git worktree and land together. Give it tasks with create_task.',
  input: epicFields,
  async run({ db, project }, { name }) {
    const { number: epic } = await createEpic(db, { projectId: project.id, name });
    return { epic };
  },
};

const edge = {
  task: number.describe('the task that has to wait'),
  depends_on: number.describe('the task that it waits for'),
  type: oneOf(DEPENDENCY_TYPES).optional().describe('hard (the default) or soft, a preference'),
};

export const dependency: Tool<typeof edge> = {
  name: 'add_dependency',
  description:
    'Makes a task wait for another one. Refused when it would close a circle, or when the task runs or is complete.',
  input: edge,
  async run({ db, project, announce }, { task, depends_on, type }) {
    const added = { task, dependsOn: depends_on, type: type ?? ('hard' as const) };
    await addDependency(db, { projectId: project.id, ...added });
    return { ...added, session: await announce() };
  },
};
