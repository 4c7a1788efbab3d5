import type { SessionStatus } from '../../domain/model';
import { COST_UNKNOWN } from '../cost/cost-unknown';
import type { Queryable } from '../connection/connection';
import { NotFound } from '../connection/errors';
import { usdFromNano } from '../../domain/cost/money';

/** One run of a project. */
export interface Session {
  id: number;
  projectId: number;
  /** The project's name. */
  project: string;
  workflowId: string;
  runId: string;
  status: SessionStatus;
  statusReason: string | null;
  options: Record<string, unknown>;
  totalCostUsd: number;
  /** Some of it could not be priced: the cost is more than `totalCostUsd`. */
  costUnknown: boolean;
  /** From start to end, pauses included; null while the session is open. */
  durationSeconds: number | null;
  startedAt: string;
  endedAt: string | null;
  lastEventSeq: number;
}

const SELECT = `select s.id, s.project_id as "projectId", p.name as project, s.workflow_id as "workflowId",
    s.run_id as "runId", s.status, s.status_reason as "statusReason", s.options,
    s.total_cost_nano as "totalCostNano", s.duration_seconds as "durationSeconds", s.started_at as "startedAt",
    s.ended_at as "endedAt", s.last_event_seq as "lastEventSeq", exists (
      select from yokeflow.task_attempts a where a.session_id = s.id and ${COST_UNKNOWN}
    ) as "costUnknown"
  from yokeflow.sessions s join yokeflow.projects p on p.id = s.project_id`;

async function select(db: Queryable, condition: string, values: unknown[]): Promise<Session[]> {
  const { rows } = await db.query<Omit<Session, 'totalCostUsd'> & { totalCostNano: number }>(
    `${SELECT} ${condition}`,
    values,
  );
  return rows.map(({ totalCostNano, ...row }) => ({ ...row, totalCostUsd: usdFromNano(totalCostNano) }));
}

export async function findSession(db: Queryable, id: number): Promise<Session | null> {
  const [session] = await select(db, 'where s.id = $1', [id]);
  return session ?? null;
}

export async function getSession(db: Queryable, id: number): Promise<Session> {
  const session = await findSession(db, id);
  if (!session) throw new NotFound(`there is no session ${id}: see yokeflow status`);
  return session;
}

export async function findSessionOfRun(
  db: Queryable,
  workflowId: string,
  runId: string,
): Promise<Session | null> {
  const [session] = await select(db, 'where s.workflow_id = $1 and s.run_id = $2', [workflowId, runId]);
  return session ?? null;
}

/** There is at most one. */
export async function findOpenSession(db: Queryable, projectId: number): Promise<Session | null> {
  const [session] = await select(db, `where s.project_id = $1 and s.status in ('running', 'paused')`, [
    projectId,
  ]);
  return session ?? null;
}

/** Of all projects. */
export async function listOpenSessions(db: Queryable): Promise<Session[]> {
  return select(db, `where s.status in ('running', 'paused') order by s.id`, []);
}

/** The latest first. */
export async function listSessions(db: Queryable, project: string, limit = 20): Promise<Session[]> {
  return select(db, 'where p.name = $1 order by s.id desc limit $2', [project, limit]);
}

export async function latestSession(db: Queryable, project: string): Promise<Session | null> {
  const [session] = await listSessions(db, project, 1);
  return session ?? null;
}
