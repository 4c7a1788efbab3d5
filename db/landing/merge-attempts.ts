import type { Conflict, DroppedLines } from '../../domain/model';
import { abandonOthers, type AttemptStart } from '../task/attempt-start';
import { findAttempt, getAttempt, type Attempt } from '../task/attempts';
import type { Queryable } from '../connection/connection';
import { LeaseLost } from '../connection/errors';
import { holdsFence, type AttemptToken } from '../worktree/fence';
import { ENDED_CALL } from '../cost/ended-call';
import { storableJson } from '../connection/storable-json';
import { storableText } from '../../domain/storable-text';

/** What a merge attempt works on. */
export interface MergeWork extends Conflict {
  /** The commit of the epic's branch that the work stands on: with `theirs` in it already if that merged cleanly. */
  onto: string;
}

/**
 * Starts an attempt at what keeps an epic from being merged, or finds the one of this `key` and puts it under the new
 * token. Whatever else runs for the task is abandoned. It is charged to a task of the epic, whose status it leaves alone. Throws `LeaseLost`.
 */
export async function startMergeAttempt(
  db: Queryable,
  { taskId, sessionId, worktreeId, key, token, agent, model }: AttemptStart,
): Promise<Attempt> {
  return db.transaction(async (tx) => {
    const lease = await tx.query(
      `update yokeflow.leases set attempt_id = null
       where worktree_id = $1 and token = $2 and released_at is null`,
      [worktreeId, token],
    );
    if (lease.rowCount === 0) throw new LeaseLost(token);
    await abandonOthers(tx, { taskId, key });
    await tx.query('select from yokeflow.tasks where id = $1 for no key update', [taskId]);
    await tx.query(
      `insert into yokeflow.task_attempts
         (task_id, session_id, worktree_id, key, token, agent, model, purpose, number)
       select $1, $2, $3, $4, $5, $6, $7, 'merge', 1 + coalesce(max(number), 0)
       from yokeflow.task_attempts where task_id = $1 on conflict (task_id, key) do nothing`,
      [taskId, sessionId, worktreeId, key, token, agent, model ?? null],
    );
    const { id } = (await findAttempt(tx, { taskId, key }))!;
    await tx.query(`update yokeflow.task_attempts set token = $2 where id = $1 and status = 'running'`, [
      id,
      token,
    ]);
    await tx.query('update yokeflow.leases set attempt_id = $2 where worktree_id = $1', [worktreeId, id]);
    return getAttempt(tx, id);
  });
}

export type MergeEnd =
  | { status: 'complete'; commit: string; tree: string; diff: string; dropped: DroppedLines[] }
  | { status: 'failed'; reason: string; outputTail?: string };

/** Ends a merge attempt. Throws `LeaseLost`, unless it had ended like this before. */
export async function endMergeAttempt(
  db: Queryable,
  { attemptId, token }: AttemptToken,
  end: MergeEnd,
): Promise<void> {
  await db.transaction(async (tx) => {
    if (!(await holdsFence(tx, { attemptId, token }))) {
      if ((await getAttempt(tx, attemptId)).status === end.status) return;
      throw new LeaseLost(token);
    }
    if (end.status === 'failed') {
      await tx.query(
        `update yokeflow.task_attempts set status = 'failed', ended_at = now(), reason = $2,
           output_tail = coalesce($3, output_tail), ${ENDED_CALL} where id = $1`,
        [attemptId, storableText(end.reason), end.outputTail ? storableText(end.outputTail) : null],
      );
      return;
    }
    await tx.query(
      `update yokeflow.task_attempts set status = 'complete', ended_at = now(), commit_sha = $2, tree = $3 where id = $1`,
      [attemptId, end.commit, end.tree],
    );
    await tx.query('update yokeflow.resolutions set diff = $2, dropped = $3 where attempt_id = $1', [
      attemptId,
      storableText(end.diff),
      storableJson(end.dropped),
    ]);
  });
}

export async function recordMergeWork(db: Queryable, attemptId: number, work: MergeWork): Promise<void> {
  await db.query(
    `insert into yokeflow.resolutions (attempt_id, conflict, diff) values ($1, $2, '')
     on conflict (attempt_id) do update set conflict = excluded.conflict`,
    [attemptId, storableJson(work)],
  );
}

export async function mergeWorkOf(db: Queryable, attemptId: number): Promise<MergeWork | null> {
  const { rows } = await db.query<{ conflict: MergeWork }>(
    'select conflict from yokeflow.resolutions where attempt_id = $1',
    [attemptId],
  );
  return rows[0]?.conflict ?? null;
}

/** The task that an epic's merge attempts are charged to: the last one that was completed, an agent's if there is one. */
export async function lastTaskOf(
  db: Queryable,
  project: { projectId: number; epic: number },
): Promise<number | null> {
  const { rows } = await db.query<{ task: number }>(
    `select t.number as task from yokeflow.tasks t join yokeflow.epics e on e.id = t.epic_id
     where t.project_id = $1 and e.number = $2 and t.status = 'complete'
     order by t.agent is not distinct from 'script', t.completed_at desc, t.number desc limit 1`,
    [project.projectId, project.epic],
  );
  return rows[0]?.task ?? null;
}

export interface Resolution {
  attempt: number;
  task: number;
  agent: string;
  files: Conflict['files'];
  commit: string;
  diff: string;
  /** Of what git had merged by itself. */
  dropped: DroppedLines[];
}

/** How agents settled what kept an epic from being merged, the first one first. */
export async function listResolutions(
  db: Queryable,
  project: { projectId: number; epic: number },
): Promise<Resolution[]> {
  const { rows } = await db.query<Resolution>(
    `select a.number as attempt, t.number as task, a.agent, r.conflict -> 'files' as files, a.commit_sha as commit,
       r.diff, r.dropped
     from yokeflow.resolutions r join yokeflow.task_attempts a on a.id = r.attempt_id
       join yokeflow.tasks t on t.id = a.task_id join yokeflow.epics e on e.id = t.epic_id
     where t.project_id = $1 and e.number = $2 and a.status = 'complete' order by a.id`,
    [project.projectId, project.epic],
  );
  return rows;
}

/** By epic, what this session's resolutions left out; of epics for which that is nothing there is no entry. */
export async function droppedByEpic(db: Queryable, sessionId: number): Promise<Map<number, DroppedLines[]>> {
  const { rows } = await db.query<{ epic: number; dropped: DroppedLines[] }>(
    `select e.number as epic, r.dropped
     from yokeflow.resolutions r join yokeflow.task_attempts a on a.id = r.attempt_id
       join yokeflow.tasks t on t.id = a.task_id join yokeflow.epics e on e.id = t.epic_id
     where a.session_id = $1 and a.status = 'complete' and r.dropped <> '[]' order by a.id`,
    [sessionId],
  );
  const byEpic = new Map<number, DroppedLines[]>();
  for (const { epic, dropped } of rows) byEpic.set(epic, [...(byEpic.get(epic) ?? []), ...dropped]);
  return byEpic;
}
