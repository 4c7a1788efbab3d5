import type { AttemptStatus } from '../../domain/model';
import { getAttempt, type Attempt } from './attempts';
import { settleBatchesOf } from '../events/batches';
import { COST_UNKNOWN } from '../cost/cost-unknown';
import type { Queryable } from '../connection/connection';
import { LeaseLost } from '../connection/errors';
import { appendEvent } from '../events/events';
import { holdsFence, type AttemptToken } from '../worktree/fence';
import { assertLease, type TokenOfLease } from '../worktree/leases';
import { markUndone } from './worktree-attempts';
import { usdFromNano } from '../../domain/cost/money';
import { storableOrNull, storableText } from '../../domain/storable-text';
import { ENDED_CALL } from '../cost/ended-call';

/** How an attempt ends that nobody has judged. */
type Unsettled = Extract<AttemptStatus, 'cancelled' | 'abandoned'>;

export interface Completion {
  /** The task's one commit. */
  commit: string;
  baseCommit: string;
  /** The commit changes no file. */
  empty: boolean;
  tree?: string | null;
}

/**
 * The attempt's commit is on the epic's branch: attempt and task are complete. `already`: that was recorded before,
 * maybe under an earlier token. Throws `LeaseLost` if it was not, and no longer may be.
 */
export async function completeTask(
  db: Queryable,
  { attemptId, token, ...completion }: AttemptToken & Completion,
): Promise<'recorded' | 'already'> {
  return db.transaction(async (tx) => {
    if (await hasEndedAs('complete', tx, { attemptId, token })) return 'already';
    const { rows } = await tx.query<CompletedAttempt>(
      `update yokeflow.task_attempts a set status = 'complete', ended_at = now(), commit_sha = $2,
         base_commit = $3, tree = coalesce($4, a.tree)
       from yokeflow.tasks t join yokeflow.epics e on e.id = t.epic_id where a.id = $1 and t.id = a.task_id
       returning a.session_id as "sessionId", a.task_id as "taskId", a.number, t.number as task, e.number as epic`,
      [attemptId, completion.commit, completion.baseCommit, completion.tree ?? null],
    );
    await settleTask(tx, rows[0]!, completion);
    return 'recorded';
  });
}

type CompletedAttempt = Pick<Attempt, 'sessionId' | 'taskId' | 'number' | 'task' | 'epic'>;

async function settleTask(
  tx: Queryable,
  attempt: CompletedAttempt,
  { commit, baseCommit, empty }: Completion,
): Promise<void> {
  const { sessionId, epic, task, number } = attempt;
  const { rows } = await tx.query<{ durationMs: number; costNano: number; unknown: boolean }>(
    `update yokeflow.tasks t set status = 'complete', status_reason = null, commit_sha = $2, base_sha = $3,
       no_changes = $4, completed_at = now(), updated_at = now(), duration_ms = yokeflow.task_duration_ms(t.id)
     where id = $1 returning duration_ms as "durationMs", cost_nano as "costNano", exists (
       select from yokeflow.task_attempts a where a.task_id = t.id and ${COST_UNKNOWN}
     ) as unknown`,
    [attempt.taskId, commit, baseCommit, empty],
  );
  const { durationMs, costNano, unknown } = rows[0]!;
  const cost = { costUsd: usdFromNano(costNano), ...(unknown ? { unknown } : {}) };
  const data = { attempt: number, durationMs, ...cost, commit, empty };
  await appendEvent(tx, { sessionId, type: 'task_complete', epic, task, data });
  await settleBatchesOf(tx, sessionId, [task]);
}

export interface AttemptFailure {
  reason: string;
  outputTail?: string | null;
  /** Another attempt follows, or may follow and nobody is told so; without one, `failTask` fails the task. */
  retrying: boolean | 'perhaps';
}

/** Ends the attempt without a result. `already`: it had failed before. Throws `LeaseLost`. */
export async function failAttempt(
  db: Queryable,
  { attemptId, token, reason, outputTail, retrying }: AttemptToken & AttemptFailure,
): Promise<'recorded' | 'already'> {
  return db.transaction(async (tx) => {
    if (await hasEndedAs('failed', tx, { attemptId, token })) return 'already';
    const { sessionId, epic, task, taskId, number } = await getAttempt(tx, attemptId);
    await tx.query(
      `update yokeflow.task_attempts set status = 'failed', ended_at = now(), reason = $2,
         output_tail = coalesce($3, output_tail), ${ENDED_CALL} where id = $1`,
      [attemptId, storableText(reason), storableOrNull(outputTail)],
    );
    if (retrying) {
      await tx.query(`update yokeflow.tasks set status = 'pending', updated_at = now() where id = $1`, [
        taskId,
      ]);
    }
    if (retrying === true) {
      await appendEvent(tx, {
        sessionId,
        type: 'task_retrying',
        epic,
        task,
        data: { attempt: number, reason },
      });
    }
    return 'recorded';
  });
}

/** Whether this was recorded before. If not, the caller now holds the attempt, or this throws `LeaseLost`. */
async function hasEndedAs(status: AttemptStatus, tx: Queryable, attempt: AttemptToken): Promise<boolean> {
  if (await holdsFence(tx, attempt)) return false;
  if ((await getAttempt(tx, attempt.attemptId)).status === status) return true;
  throw new LeaseLost(attempt.token);
}

/**
 * Ends an attempt that nobody has judged, and whose work has been kept and taken out of the worktree, for whoever holds that.
 * Its task may be tried again. Throws `LeaseLost`.
 */
export async function endUndone(
  db: Queryable,
  {
    attemptId,
    lease,
    status,
    reason,
  }: { attemptId: number; lease: TokenOfLease; status: Unsettled; reason: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    await assertLease(tx, lease);
    const ended = await tx.query<{ taskId: number }>(
      `update yokeflow.task_attempts set status = $2, reason = coalesce(reason, $3), ended_at = now(), ${ENDED_CALL}
       where id = $1 and status = 'running' returning task_id as "taskId"`,
      [attemptId, status, reason],
    );
    await tx.query(
      `update yokeflow.tasks set status = 'pending', updated_at = now() where id = any($1) and status = 'running'`,
      [ended.rows.map(({ taskId }) => taskId)],
    );
    await markUndone(tx, attemptId);
  });
}

/**
 * Ends what no longer runs in a session or project, at the last sign of life, and makes the tasks pending again.
 * Returns their numbers.
 */
export async function abandonAttempts(
  db: Queryable,
  scope: ({ sessionId: number } | { projectId: number }) & {
    status: Unsettled;
    reason: string;
  },
): Promise<number[]> {
  const [column, id] =
    'sessionId' in scope ? ['a.session_id', scope.sessionId] : ['t.project_id', scope.projectId];
  return db.transaction(async (tx) => {
    const ended = await tx.query<{ taskId: number }>(
      `update yokeflow.task_attempts a set status = $2, reason = coalesce(reason, $3), ended_at = greatest(
         a.started_at, coalesce((select max(heartbeat_at) from yokeflow.leases where attempt_id = a.id), now())
       ), ${ENDED_CALL} from yokeflow.tasks t
       where t.id = a.task_id and a.status = 'running' and ${column} = $1 returning a.task_id as "taskId"`,
      [id, scope.status, storableText(scope.reason)],
    );
    const { rows } = await tx.query<{ task: number }>(
      `update yokeflow.tasks set status = 'pending', updated_at = now()
       where id = any($1) and status = 'running' returning number as task`,
      [ended.rows.map((row) => row.taskId)],
    );
    return rows.map((row) => row.task).sort((a, b) => a - b);
  });
}
