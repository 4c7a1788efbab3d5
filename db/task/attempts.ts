import type { AgentName, AttemptPurpose, AttemptStatus } from '../../domain/model';
import type { Queryable } from '../connection/connection';
import { COST_UNKNOWN } from '../cost/cost-unknown';
import { NotFound } from '../connection/errors';
import { usdFromNano } from '../../domain/cost/money';

/** One try at a task by an agent. */
export interface Attempt {
  id: number;
  taskId: number;
  /** Numbers of the plan. */
  task: number;
  epic: number;
  sessionId: number;
  worktreeId: number;
  /** From 1, over all sessions. */
  number: number;
  purpose: AttemptPurpose;
  /** Names the attempt for whoever started it. */
  key: string;
  /** Of the lease under which it was started last. */
  token: number;
  status: AttemptStatus;
  agent: AgentName;
  model: string | null;
  baseCommit: string | null;
  startedAt: string;
  endedAt: string | null;
  agentEndedAt: string | null;
  /** How long the agent has worked, over all workers; 0 for one that starts over. */
  agentMs: number;
  /** How the agent ended, in its own words. */
  outcome: string | null;
  reason: string | null;
  outputTail: string | null;
  verifiedAt: string | null;
  /** The git tree that was verified. */
  tree: string | null;
  commit: string | null;
  costUsd: number;
  /** Some of it could not be priced, or a call broke off: the cost is more than `costUsd`. */
  costUnknown: boolean;
  usage: Record<string, unknown> | null;
}

const SELECT = `select a.id, a.task_id as "taskId", t.number as task, e.number as epic,
    a.session_id as "sessionId", a.worktree_id as "worktreeId", a.number, a.purpose, a.key, a.token, a.status, a.agent, a.model,
    a.base_commit as "baseCommit", a.started_at as "startedAt", a.ended_at as "endedAt",
    a.agent_ended_at as "agentEndedAt", a.agent_ms as "agentMs", a.outcome, a.reason, a.output_tail as "outputTail",
    a.verified_at as "verifiedAt", a.tree, a.commit_sha as commit, a.cost_nano as "costNano",
    ${COST_UNKNOWN} as "costUnknown", a.usage
  from yokeflow.task_attempts a
  join yokeflow.tasks t on t.id = a.task_id join yokeflow.epics e on e.id = t.epic_id`;

async function select(db: Queryable, condition: string, values: unknown[]): Promise<Attempt[]> {
  const { rows } = await db.query<Omit<Attempt, 'costUsd'> & { costNano: number }>(
    `${SELECT} ${condition}`,
    values,
  );
  return rows.map(({ costNano, ...row }) => ({ ...row, costUsd: usdFromNano(costNano) }));
}

export async function getAttempt(db: Queryable, id: number): Promise<Attempt> {
  const [attempt] = await select(db, 'where a.id = $1', [id]);
  if (!attempt) throw new NotFound(`there is no attempt ${id}: its task has been removed from the plan`);
  return attempt;
}

export async function findAttempt(
  db: Queryable,
  { taskId, key }: { taskId: number; key: string },
): Promise<Attempt | null> {
  const [attempt] = await select(db, 'where a.task_id = $1 and a.key = $2', [taskId, key]);
  return attempt ?? null;
}

/** The first attempt first. */
export async function listAttempts(db: Queryable, taskId: number): Promise<Attempt[]> {
  return select(db, 'where a.task_id = $1 order by a.number', [taskId]);
}

/** In the order in which they started. */
export async function listSessionAttempts(db: Queryable, sessionId: number): Promise<Attempt[]> {
  return select(db, 'where a.session_id = $1 order by a.started_at, a.id', [sessionId]);
}
