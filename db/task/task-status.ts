import type { TaskStatus } from '../../domain/model';
import { settleBatchesOf } from '../events/batches';
import type { Queryable } from '../connection/connection';
import { appendEvent } from '../events/events';
import { lockProject } from '../project/projects';
import { projectOfSession } from '../project/session-project';
import { ENDED_CALL } from '../cost/ended-call';
import { storableJson } from '../connection/storable-json';
import { storableText } from '../../domain/storable-text';

interface Changed {
  task: number;
  epic: number;
  reason: string | null;
}

interface Change {
  to: TaskStatus;
  from: readonly TaskStatus[];
  tasks: readonly { task: number; reason?: string | null }[];
}

/**
 * Moves those of the tasks that are in one of the `from` statuses, and returns them. For more than one, hold the project's
 * lock: an import that changes them in another order and this one would wait for each other.
 */
async function move(tx: Queryable, projectId: number, { to, from, tasks }: Change): Promise<Changed[]> {
  const { rows } = await tx.query<Changed>(
    `update yokeflow.tasks t set status = $3, status_reason = change.reason, updated_at = now(),
       commit_sha = null, base_sha = null, no_changes = false, completed_at = null
     from jsonb_to_recordset($2) as change (task integer, reason text), yokeflow.epics e
     where t.project_id = $1 and t.number = change.task and e.id = t.epic_id and t.status = any($4)
     returning t.number as task, e.number as epic, t.status_reason as reason`,
    [projectId, storableJson(tasks), to, from],
  );
  return rows.sort((a, b) => a.task - b.task);
}

/** The tasks cannot run, since others that they need did not complete. */
export async function blockTasks(
  db: Queryable,
  { sessionId, blocked }: { sessionId: number; blocked: readonly { task: number; reason: string }[] },
): Promise<void> {
  await db.transaction(async (tx) => {
    const projectId = await projectOfSession(tx, sessionId);
    await lockProject(tx, projectId);
    const changed = await move(tx, projectId, {
      to: 'blocked',
      from: ['pending', 'running'],
      tasks: blocked,
    });
    for (const { task, epic, reason } of changed) {
      await appendEvent(tx, { sessionId, type: 'task_blocked', epic, task, data: { reason } });
    }
    await settleBatchesOf(
      tx,
      sessionId,
      changed.map(({ task }) => task),
    );
  });
}

/** Blocked, failed and skipped tasks are to run after all. */
export async function unblockTasks(
  db: Queryable,
  { sessionId, tasks }: { sessionId: number; tasks: readonly number[] },
): Promise<void> {
  await db.transaction(async (tx) => {
    const projectId = await projectOfSession(tx, sessionId);
    await lockProject(tx, projectId);
    const from = ['blocked', 'failed', 'skipped'] as const;
    await move(tx, projectId, { to: 'pending', from, tasks: tasks.map((task) => ({ task })) });
  });
}

/** A person decided that the task need not run. A running task has to end first. */
export async function skipTask(
  db: Queryable,
  { sessionId, task, reason }: { sessionId: number; task: number; reason?: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const projectId = await projectOfSession(tx, sessionId);
    const from = ['pending', 'failed', 'blocked'] as const;
    await move(tx, projectId, { to: 'skipped', from, tasks: [{ task, reason }] });
    await settleBatchesOf(tx, sessionId, [task]);
  });
}

/** Work that was complete is missing from the repository: it has to be done again. */
export async function reopenTasks(
  db: Queryable,
  { projectId, tasks, reason }: { projectId: number; tasks: readonly number[]; reason: string },
): Promise<void> {
  await move(db, projectId, {
    to: 'pending',
    from: ['complete'],
    tasks: tasks.map((task) => ({ task, reason })),
  });
}

/**
 * The task failed for good, in this session, and with it `attemptId`, which ran or was cancelled for that. What else runs
 * for it has been settled by nobody, and is abandoned. `already`: it had failed or completed before, and nothing was changed.
 */
export async function failTask(
  db: Queryable,
  {
    sessionId,
    task,
    reason,
    attemptId,
  }: { sessionId: number; task: number; reason: string; attemptId?: number | undefined },
): Promise<'recorded' | 'already'> {
  return db.transaction(async (tx) => {
    const projectId = await projectOfSession(tx, sessionId);
    await tx.query(
      `update yokeflow.task_attempts a set status = case when a.id = $4 then 'failed' else 'abandoned' end,
         ended_at = coalesce(a.ended_at, now()), reason = $3, ${ENDED_CALL}
       from yokeflow.tasks t
       where t.id = a.task_id and t.project_id = $1 and t.number = $2
         and (a.status = 'running' or a.status = 'cancelled' and a.id = $4)`,
      [projectId, task, storableText(reason), attemptId ?? null],
    );
    const from = ['pending', 'running', 'blocked'] as const;
    const [failed] = await move(tx, projectId, { to: 'failed', from, tasks: [{ task, reason }] });
    if (!failed) return 'already';
    const { rows } = await tx.query<{ attempts: number; durationMs: number }>(
      `update yokeflow.tasks t set duration_ms = yokeflow.task_duration_ms(t.id)
       where project_id = $1 and number = $2 returning attempts, duration_ms as "durationMs"`,
      [projectId, task],
    );
    await appendEvent(tx, {
      sessionId,
      type: 'task_failed',
      epic: failed.epic,
      task,
      data: { reason, ...rows[0] },
    });
    if (await waitsForPeople(tx, sessionId)) {
      const data = { outcome: 'failed', reason };
      await appendEvent(tx, { sessionId, type: 'attention_needed', epic: failed.epic, task, data });
    }
    await settleBatchesOf(tx, sessionId, [task]);
    return 'recorded';
  });
}

/** Whether a failed task keeps the session open until a person retries or skips it. */
async function waitsForPeople(tx: Queryable, sessionId: number): Promise<boolean> {
  const { rows } = await tx.query<{ waits: boolean }>(
    `select options ->> 'onFailure' = 'wait' as waits from yokeflow.sessions where id = $1`,
    [sessionId],
  );
  return rows[0]?.waits === true;
}
