import { listAttempts, type Attempt } from '../../db/task/attempts';
import type { Provenance } from '../../domain/task/provenance';
import type { ActivityDependencies } from '../scope/dependencies';

/** What is known of an attempt whose agent has ended. A cost that is known in part only counts as unknown. */
export async function provenanceOf({ db }: ActivityDependencies, attempt: Attempt): Promise<Provenance> {
  const { task, sessionId: session, number, agent, model } = attempt;
  const attempts = (await listAttempts(db, attempt.taskId)).filter((other) => other.number <= number);
  const known = attempts.every(({ costUnknown }) => !costUnknown);
  const costUsd = known ? attempts.reduce((sum, { costUsd: usd }) => sum + usd, 0) : null;
  return { task, session, attempt: number, agent, model, costUsd };
}
