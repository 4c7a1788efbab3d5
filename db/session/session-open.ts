import { abandonAttempts } from '../task/attempt-end';
import type { Queryable } from '../connection/connection';
import { RepositoryTaken, SessionOpen } from '../connection/errors';
import { appendEvent } from '../events/events';
import { takenBy } from '../project/project-place';
import { getProjectById, lockProject, lockProjectsAt, ownerOfRepository } from '../project/projects';
import { closeSession } from './session-close';
import { findOpenSession, findSessionOfRun, getSession, type Session } from './sessions';

export interface SessionStart {
  projectId: number;
  workflowId: string;
  /** Of the workflow's first run: continuing as new changes it, and does not make another session. */
  runId: string;
  options: Record<string, unknown>;
}

/**
 * Opens a session, or finds the one of this run; one that has ended is open again, since a person reset its workflow.
 * What begins takes over a project at rest: attempts that an earlier session left running are abandoned, and whatever
 * did not complete may be tried again, of the epics in `options.epics` if it names some. Throws `SessionOpen`, and
 * `RepositoryTaken` where another project has run.
 */
export async function openSession(db: Queryable, start: SessionStart): Promise<Session> {
  const { projectId, workflowId, runId, options } = start;
  return db.transaction(async (tx) => {
    await requireOwnRepository(tx, projectId);
    const existing = await findSessionOfRun(tx, workflowId, runId);
    if (existing && existing.endedAt === null) return existing;
    await closeEarlierRun(tx, start);
    await abandonAttempts(tx, { projectId, status: 'abandoned', reason: 'its session ended' });
    await resetTasks(tx, projectId, options.epics);
    const sessionId = existing ? await reopen(tx, existing) : await create(tx, start);
    await appendEvent(tx, { sessionId, type: 'session_started', data: { workflowId, options } });
    return getSession(tx, sessionId);
  });
}

async function create(tx: Queryable, start: SessionStart): Promise<number> {
  const { projectId, workflowId, runId, options } = start;
  const sessionId = await nextNumber(tx);
  await tx.query(
    `insert into yokeflow.sessions (id, project_id, workflow_id, run_id, options)
     values ($1, $2, $3, $4, $5)`,
    [sessionId, projectId, workflowId, runId, JSON.stringify(options)],
  );
  return sessionId;
}

/**
 * A session that has ended goes on: its workflow was reset to after its beginning, and so tries nothing anew but what it
 * comes to. Idempotent.
 */
export async function reopenSession(db: Queryable, sessionId: number): Promise<void> {
  await db.transaction(async (tx) => {
    const { projectId } = await getSession(tx, sessionId);
    await lockProject(tx, projectId);
    const session = await getSession(tx, sessionId);
    if (session.endedAt === null) return;
    const { workflowId, options } = session;
    await closeEarlierRun(tx, session);
    await reopen(tx, session);
    await appendEvent(tx, { sessionId, type: 'session_started', data: { workflowId, options } });
  });
}

async function reopen(tx: Queryable, { id }: Session): Promise<number> {
  await tx.query(
    `update yokeflow.sessions set status = 'running', status_reason = null, ended_at = null where id = $1`,
    [id],
  );
  return id;
}

/** Any number that nothing else takes for a lock. */
const NUMBERING = 7_233_001;

/** One more than the last session's: people see it. Others wait until this one is there, or is not. */
async function nextNumber(tx: Queryable): Promise<number> {
  await tx.query('select pg_advisory_xact_lock($1)', [NUMBERING]);
  const { rows } = await tx.query<{ next: number }>(
    'select coalesce(max(id), 0) + 1 as next from yokeflow.sessions',
  );
  return rows[0]!.next;
}

/** Two projects may be imported into a repository before one of them has run. */
async function requireOwnRepository(tx: Queryable, projectId: number): Promise<void> {
  const { name, gitDir, repoPath } = await getProjectById(tx, projectId);
  await lockProjectsAt(tx, name, gitDir);
  const owner = await ownerOfRepository(tx, gitDir);
  if (owner !== null && owner !== name) throw new RepositoryTaken(takenBy(owner, repoPath));
}

/** Nothing runs yet, whatever its epic; but failures and blocks of epics that this session leaves out stay. */
async function resetTasks(tx: Queryable, projectId: number, epics: unknown): Promise<void> {
  await tx.query(
    `update yokeflow.tasks t set status = 'pending', status_reason = null, updated_at = now()
     from yokeflow.epics e
     where t.project_id = $1 and e.id = t.epic_id and (
       t.status = 'running'
       or (t.status in ('failed', 'blocked') and ($2::integer[] is null or e.number = any($2)))
     )`,
    [projectId, Array.isArray(epics) ? epics : null],
  );
}

/** Temporal keeps one run of a workflow id open: an earlier run with this id was ended from outside. */
async function closeEarlierRun(
  tx: Queryable,
  { projectId, workflowId }: Pick<SessionStart, 'projectId' | 'workflowId'>,
): Promise<void> {
  const open = await findOpenSession(tx, projectId);
  if (!open) return;
  if (open.workflowId !== workflowId) throw new SessionOpen(open.id, open.workflowId);
  await closeSession(tx, { sessionId: open.id, status: 'cancelled', reason: 'ended without closing' });
}
