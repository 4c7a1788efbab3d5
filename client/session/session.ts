import { WorkflowExecutionAlreadyStartedError, type Client, type WorkflowHandle } from '@temporalio/client';
import type { Queryable } from '../../db/connection/connection';
import { loadPlan } from '../../db/plan/plan-load';
import { getProject } from '../../db/project/projects';
import { isOpenStatus } from '../../domain/session/open-workflow';
import { parseRunInput, type RunInput } from '../../domain/session/run-input';
import type { SessionResult } from '../../domain/session/session-result';
import { plural } from '../../domain/plural';
import { RUN_PROJECT, sessionWorkflowId } from '../../workflows/messages';
import { TASK_QUEUE } from '../../domain/session/task-queue';
import type { Connected } from '../cli/connect';
import { UsageError } from '../cli/exit';
import { requireOwn } from './own-session';

/** The contract of `runProject`, for the types alone. */
type RunProject = (input: RunInput) => Promise<SessionResult>;
export type SessionHandle = WorkflowHandle<RunProject>;

export interface SessionRef {
  project: string;
  workflowId: string;
  /** The workflow's first run: what the session's row is found by. */
  runId: string;
  handle: SessionHandle;
}

/**
 * Starts a session of a project, or finds the one that is open.
 * @returns `started` is false for one that was open before: it goes on with the input it has
 * @throws UsageError for input that is wrong, NotFound for a project that is not there
 */
export async function startSession(
  { db, client }: Pick<Connected, 'db' | 'client'>,
  input: RunInput,
): Promise<SessionRef & { started: boolean }> {
  const parsed = parseRunInput(input);
  if (!parsed.ok) throw new UsageError(parsed.message);
  const { project } = parsed.options;
  const workflowId = sessionWorkflowId(project);
  const staticSummary = await planSummary(db, project);
  try {
    const handle = await client.workflow.start<RunProject>(RUN_PROJECT, {
      args: [input],
      taskQueue: TASK_QUEUE,
      workflowId,
      workflowIdConflictPolicy: 'FAIL',
      staticSummary,
      staticDetails: steeringDetails(workflowId),
    });
    return { project, workflowId, runId: handle.firstExecutionRunId, handle, started: true };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const open = await findOpenWorkflow(client, project);
    // It may have closed in between; then there is room for a new one.
    return open ? { ...open, started: false } : startSession({ db, client }, input);
  }
}

/** For the Web UI, which shows it beside the live picture. A block, because a dollar or an underscore means something there. */
function steeringDetails(workflowId: string): string {
  const update = (name: string, input?: string) =>
    `temporal workflow update execute \\\n  -w ${workflowId} --name ${name}${input ? ` --input ${input}` : ''}`;
  return [
    '```',
    '# To steer it from a terminal',
    update('pause'),
    update('resume'),
    update('setMaxConcurrency', '5'),
    update('setBudget', '20'),
    `temporal workflow cancel -w ${workflowId}`,
    '```',
  ].join('\n');
}

/** `my-app: 12 tasks in 3 epics`, for the Web UI. */
async function planSummary(db: Queryable, name: string): Promise<string> {
  const { id } = await getProject(db, name);
  const { epics } = await loadPlan(db, id);
  const tasks = epics.reduce((sum, epic) => sum + epic.tasks.length, 0);
  return `${name}: ${plural(tasks, 'task')} in ${plural(epics.length, 'epic')}`;
}

/**
 * The project's open session as Temporal knows it, or null.
 * @throws UsageError where something else has its workflow id
 */
export async function findOpenWorkflow(client: Client, project: string): Promise<SessionRef | null> {
  const workflowId = sessionWorkflowId(project);
  const latest = await describe(client, workflowId);
  if (!latest || !isOpenStatus(latest.status.name)) return null;
  await requireOwn(client, project, latest);
  const runId = latest.raw.workflowExecutionInfo?.firstRunId || latest.runId;
  const handle = handleOf(client, { workflowId, runId });
  return { project, workflowId, runId, handle };
}

/** The session as this client reaches it, also after a continue-as-new. */
export function handleOf(
  client: Client,
  { workflowId, runId }: Pick<SessionRef, 'workflowId' | 'runId'>,
): SessionHandle {
  return client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId: runId });
}

async function describe(client: Client, workflowId: string) {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return null;
    throw error;
  }
}
