import type { Attempt } from './attempts';
import type { Queryable } from '../connection/connection';
import { COST_UNKNOWN } from '../cost/cost-unknown';
import { usdFromNano } from '../../domain/cost/money';

/** A try that an agent is at, as the live view needs it. */
export type RunningAttempt = Pick<
  Attempt,
  'task' | 'epic' | 'number' | 'purpose' | 'agent' | 'model' | 'startedAt' | 'costUsd' | 'costUnknown'
>;

export async function listRunningAttempts(db: Queryable, sessionId: number): Promise<RunningAttempt[]> {
  const { rows } = await db.query<Omit<RunningAttempt, 'costUsd'> & { costNano: number }>(
    `select t.number as task, e.number as epic, a.number, a.purpose, a.agent, a.model, a.started_at as "startedAt",
       a.cost_nano as "costNano", ${COST_UNKNOWN} as "costUnknown"
     from yokeflow.task_attempts a
     join yokeflow.tasks t on t.id = a.task_id join yokeflow.epics e on e.id = t.epic_id
     where a.session_id = $1 and a.status = 'running' order by t.number`,
    [sessionId],
  );
  return rows.map(({ costNano, ...row }) => ({ ...row, costUsd: usdFromNano(costNano) }));
}
