import type { AgentName } from '../../domain/model';
import { findAttempt, getAttempt, type Attempt } from './attempts';
import { ENDED_CALL } from '../cost/ended-call';
import { startBatchOf } from '../events/batches';
import type { Queryable } from '../connection/connection';
import { LeaseLost, PlanRefused } from '../connection/errors';
import { appendEvent } from '../events/events';

export interface AttemptStart {
  taskId: number;
  sessionId: number;
  worktreeId: number;
  /** Names the attempt for good: a start that is repeated with it finds the same attempt. */
  key: string;
  /** Of the worktree's lease. */
  token: number;
  agent: AgentName;
  model?: string | null;
  /** Why that model. */
  modelReason?: string;
}

/**
 * Starts an attempt, or finds the one of this `key` and puts it under the new token. Whatever else runs for the
 * task is abandoned. Throws `LeaseLost`, and `PlanRefused` for a task that is complete.
 */
export async function startAttempt(
  db: Queryable,
  start: AttemptStart,
): Promise<{ attempt: Attempt; created: boolean }> {
  return db.transaction(async (tx) => {
    await lockLease(tx, start);
    const existing = await findAttempt(tx, start);
    const id = existing ? await adopt(tx, existing, start) : await create(tx, start);
    await tx.query('update yokeflow.leases set attempt_id = $2 where worktree_id = $1', [
      start.worktreeId,
      id,
    ]);
    const attempt = await getAttempt(tx, id);
    if (!existing) await announce(tx, attempt, start.modelReason);
    return { attempt, created: !existing };
  });
}

async function lockLease(tx: Queryable, { worktreeId, token }: AttemptStart): Promise<void> {
  const { rowCount } = await tx.query(
    `select from yokeflow.leases
     where worktree_id = $1 and token = $2 and released_at is null for no key update`,
    [worktreeId, token],
  );
  if (rowCount === 0) throw new LeaseLost(token);
}

async function adopt(tx: Queryable, existing: Attempt, { token, worktreeId }: AttemptStart): Promise<number> {
  await tx.query(
    `update yokeflow.task_attempts set token = $2, worktree_id = $3 where id = $1 and status = 'running'`,
    [existing.id, token, worktreeId],
  );
  return existing.id;
}

async function create(tx: Queryable, start: AttemptStart): Promise<number> {
  const { taskId, sessionId, worktreeId, key, token, agent, model } = start;
  await abandonOthers(tx, start);
  const task = await tx.query<{ attempts: number }>(
    `update yokeflow.tasks t set status = 'running', status_reason = null, updated_at = now(), attempts = 1 + (
       select coalesce(max(number), 0) from yokeflow.task_attempts where task_id = $1
     ) where id = $1 and status <> 'complete' returning attempts`,
    [taskId],
  );
  if (!task.rows[0]) throw new PlanRefused('the task is complete or gone from the plan: it cannot start');
  const { rows } = await tx.query<{ id: number }>(
    `insert into yokeflow.task_attempts (task_id, session_id, worktree_id, key, token, agent, model, number)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
    [taskId, sessionId, worktreeId, key, token, agent, model ?? null, task.rows[0].attempts],
  );
  return rows[0]!.id;
}

/** What else runs for the task: its epic's workflow has ended under it, and nobody settled it. */
export async function abandonOthers(
  tx: Queryable,
  { taskId, key }: Pick<AttemptStart, 'taskId' | 'key'>,
): Promise<void> {
  await tx.query(
    `update yokeflow.task_attempts set status = 'abandoned', ended_at = now(),
       reason = 'another attempt was started', ${ENDED_CALL}
     where task_id = $1 and key <> $2 and status = 'running'`,
    [taskId, key],
  );
}

async function announce(tx: Queryable, attempt: Attempt, modelReason?: string): Promise<void> {
  const { sessionId, epic, task, number, agent, model } = attempt;
  await startBatchOf(tx, sessionId, task);
  await appendEvent(tx, {
    sessionId,
    type: 'task_started',
    epic,
    task,
    data: { attempt: number, agent, model, ...(model && modelReason ? { modelReason } : {}) },
  });
}
