import { awakeStopwatch } from '../../agents/process/awake';
import type { Queryable } from '../../db/connection/connection';
import { recordAgentTime } from '../../db/task/attempt-progress';
import type { FailureType } from '../../domain/session/failures';
import type { TryScope } from '../scope/try-scope';

/** How often an agent's time is put on record: a lost worker makes a present of no more than this. */
const NOTED_EVERY_MS = 10_000;

/** After this, what an agent waited for since it last did something was not its own work. */
const NOT_ITS_WORK: FailureType = 'ProviderUnavailable';

/**
 * Runs a try's agent, and counts its time over all workers: one that goes on where a lost worker left it, or after a
 * pause, has the rest of it. One that cannot go on starts over, and has all of it again.
 *
 * @param work calls `worked` whenever the agent has done something: the hours in which its provider does not answer do not
 *   use up the time of its task.
 */
export async function withAgentTime<T>(
  db: Queryable,
  { attempt, lease, agent }: Pick<TryScope, 'attempt' | 'lease' | 'agent'>,
  work: (spentMs: number, worked: () => void) => Promise<T>,
): Promise<T> {
  if (!agent.resumes) return work(0, () => undefined);
  const { id: attemptId, agentMs: before } = attempt;
  const watch = awakeStopwatch();
  let worked = 0;
  const note = async (ms = watch.ms()) => {
    const agentMs = before + Math.round(ms);
    // While PostgreSQL is away, or for a try that is another worker's by now, it is no matter.
    await recordAgentTime(db, { attemptId, token: lease.token, agentMs }).catch(() => undefined);
  };
  const timer = setInterval(() => void note(), NOTED_EVERY_MS);
  let ms: number | undefined;
  try {
    return await work(before, () => (worked = watch.ms()));
  } catch (error) {
    if ((error as { type?: unknown }).type === NOT_ITS_WORK) ms = worked;
    throw error;
  } finally {
    clearInterval(timer);
    watch.stop();
    await note(ms);
  }
}
