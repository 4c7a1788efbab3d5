import type { Queryable } from '../connection/connection';
import { appendEvent } from './events';

export interface ParallelBatch {
  /** From 1. */
  number: number;
  tasks: number[];
  status: 'pending' | 'running' | 'complete';
  startedAt: string | null;
  completedAt: string | null;
}

/** The tasks that session `s` is about: those of the epics it names, or all. */
const TASKS_OF_SESSION = `yokeflow.sessions s
  join yokeflow.tasks t on t.project_id = s.project_id
  join yokeflow.epics e on e.id = t.epic_id
    and (jsonb_typeof(s.options -> 'epics') is distinct from 'array' or s.options -> 'epics' @> to_jsonb(e.number))`;

/** A task is settled when nothing more happens to it in this session. */
const UNSETTLED = `exists (
  select from ${TASKS_OF_SESSION}
  where s.id = b.session_id and t.number = any(b.task_numbers) and t.status in ('pending', 'running')
)`;

/**
 * Writes down how the batches are now; those that are already settled are complete from the start. Which are, is worked out
 * here: of ten thousand batches, PostgreSQL looked through all tasks for each when it knew nothing yet of how many there are.
 */
export async function recordBatches(db: Queryable, sessionId: number, batches: number[][]): Promise<void> {
  await db.transaction(async (tx) => {
    await lockSession(tx, sessionId);
    const numbered = batches.map((tasks, index) => ({ number: index + 1, tasks }));
    await tx.query(
      `insert into yokeflow.parallel_batches (session_id, number, task_numbers)
       select $1, number, array(select jsonb_array_elements_text(tasks)::integer)
       from jsonb_to_recordset($2) as batch (number integer, tasks jsonb)
       on conflict (session_id, number) do update set task_numbers = excluded.task_numbers
       where parallel_batches.task_numbers <> excluded.task_numbers`,
      [sessionId, JSON.stringify(numbered)],
    );
    await tx.query('delete from yokeflow.parallel_batches where session_id = $1 and number > $2', [
      sessionId,
      batches.length,
    ]);
    const unsettled = await unsettledTasks(tx, sessionId);
    const numbersOf = (open: boolean) =>
      numbered
        .filter(({ tasks }) => tasks.some((task) => unsettled.has(task)) === open)
        .map(({ number }) => number);
    // A task that joined the session later opens its batch again.
    await tx.query(
      `update yokeflow.parallel_batches set status = 'running', completed_at = null
       where session_id = $1 and status = 'complete' and number = any($2)`,
      [sessionId, numbersOf(true)],
    );
    await tx.query(
      `update yokeflow.parallel_batches set status = 'complete', started_at = now(), completed_at = now()
       where session_id = $1 and status = 'pending' and number = any($2)`,
      [sessionId, numbersOf(false)],
    );
  });
}

async function unsettledTasks(tx: Queryable, sessionId: number): Promise<Set<number>> {
  const { rows } = await tx.query<{ number: number }>(
    `select t.number from ${TASKS_OF_SESSION} where s.id = $1 and t.status in ('pending', 'running')`,
    [sessionId],
  );
  return new Set(rows.map(({ number }) => number));
}

export async function getParallelBatches(db: Queryable, sessionId: number): Promise<ParallelBatch[]> {
  const { rows } = await db.query<ParallelBatch>(
    `select number, task_numbers as tasks, status, started_at as "startedAt", completed_at as "completedAt"
     from yokeflow.parallel_batches where session_id = $1 order by number`,
    [sessionId],
  );
  return rows;
}

/** The first task of a batch starts it. */
export async function startBatchOf(tx: Queryable, sessionId: number, task: number): Promise<void> {
  await lockSession(tx, sessionId);
  const { rows } = await tx.query<{ number: number; tasks: number[] }>(
    `update yokeflow.parallel_batches set status = 'running', started_at = now()
     where session_id = $1 and status = 'pending' and $2 = any(task_numbers) returning number, task_numbers as tasks`,
    [sessionId, task],
  );
  for (const { number, tasks } of rows) {
    const data = { batch: number, tasks: await countUnsettled(tx, sessionId, tasks) };
    await appendEvent(tx, { sessionId, type: 'batch_started', data });
  }
}

async function countUnsettled(tx: Queryable, sessionId: number, tasks: readonly number[]): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::integer as count from ${TASKS_OF_SESSION}
     where s.id = $1 and t.number = any($2) and t.status in ('pending', 'running')`,
    [sessionId, tasks],
  );
  return rows[0]!.count;
}

/**
 * Completes the batches in which these tasks were the last to settle, and tells what came of them. One none of
 * whose tasks ran ends without having started.
 */
export async function settleBatchesOf(
  tx: Queryable,
  sessionId: number,
  tasks: readonly number[],
): Promise<void> {
  await lockSession(tx, sessionId);
  const { rows } = await tx.query<{ number: number; tasks: number[] }>(
    `update yokeflow.parallel_batches b
     set status = 'complete', started_at = coalesce(started_at, now()), completed_at = now()
     where session_id = $1 and status <> 'complete' and task_numbers && $2::integer[] and not ${UNSETTLED}
     returning number, task_numbers as tasks`,
    [sessionId, tasks],
  );
  for (const { number, tasks } of rows.sort((a, b) => a.number - b.number)) {
    const data = { batch: number, ...(await countOutcomes(tx, sessionId, tasks)) };
    await appendEvent(tx, { sessionId, type: 'batch_complete', data });
  }
}

type Outcomes = Record<'complete' | 'failed' | 'blocked' | 'skipped', number>;

/** Without the tasks of other epics, and those that earlier sessions completed. */
async function countOutcomes(tx: Queryable, sessionId: number, tasks: readonly number[]): Promise<Outcomes> {
  const { rows } = await tx.query<Outcomes>(
    `select count(*) filter (where t.status = 'complete' and t.completed_at >= s.started_at)::integer as complete,
       count(*) filter (where t.status = 'failed')::integer as failed,
       count(*) filter (where t.status = 'blocked')::integer as blocked,
       count(*) filter (where t.status = 'skipped')::integer as skipped
     from ${TASKS_OF_SESSION}
     where s.id = $1 and t.number = any($2)`,
    [sessionId, tasks],
  );
  return rows[0]!;
}

/** Two tasks that settle at the same moment would else each see the other as running. */
async function lockSession(tx: Queryable, sessionId: number): Promise<void> {
  await tx.query('select from yokeflow.sessions where id = $1 for no key update', [sessionId]);
}
