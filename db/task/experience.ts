import type { Experience } from '../../domain/plan/plan-forecast';
import type { Queryable } from '../connection/connection';
import { usdFromNano } from '../../domain/cost/money';

/** What complete tries of all projects took, by model. */
export async function experienceByModel(db: Queryable): Promise<Experience[]> {
  const { rows } = await db.query<{ model: string; tries: number; minutes: number; nano: number }>(
    `select model, count(*)::integer as tries, round(avg(cost_nano))::bigint as nano,
       avg(extract(epoch from ended_at - started_at) / 60)::double precision as minutes
     from yokeflow.task_attempts
     where status = 'complete' and purpose = 'task' and model is not null and agent <> 'script' and not cost_unknown group by model`,
  );
  return rows.map(({ model, tries, minutes, nano }) => ({
    model,
    tries,
    minutes,
    costUsd: usdFromNano(nano),
  }));
}
