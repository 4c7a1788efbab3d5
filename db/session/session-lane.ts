import type { Queryable } from '../connection/connection';
import { NotFound } from '../connection/errors';
import { notInPlan } from '../project/not-in-plan';
import type { Session } from './sessions';

/** What the work in a lane needs to know of its session; its costs, which take a look at every attempt, it does not. */
export type LaneSession = Pick<Session, 'id' | 'projectId' | 'workflowId' | 'runId' | 'options' | 'endedAt'>;

/** The session, and the name of one of its project's epics; no name without an epic. */
export async function getLaneSession(
  db: Queryable,
  { sessionId, epic }: { sessionId: number; epic: number | null },
): Promise<{ session: LaneSession; epicName: string | null }> {
  const { rows } = await db.query<LaneSession & { epicName: string | null }>(
    `select s.id, s.project_id as "projectId", s.workflow_id as "workflowId", s.run_id as "runId", s.options,
       s.ended_at as "endedAt", e.name as "epicName"
     from yokeflow.sessions s left join yokeflow.epics e on e.project_id = s.project_id and e.number = $2::integer
     where s.id = $1`,
    [sessionId, epic],
  );
  if (!rows[0]) throw new NotFound(`there is no session ${sessionId}: see yokeflow status`);
  const { epicName, ...session } = rows[0];
  if (epic !== null && epicName === null) throw await notInPlan(db, session.projectId, `epic ${epic}`);
  return { session, epicName };
}
