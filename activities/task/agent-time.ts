import { awakeStopwatch } from '../../agents/process/awake';
import type { Queryable } from '../../db/connection/connection';
import { recordAgentTime } from '../../db/task/attempt-progress';
import type { TryScope } from '../scope/try-scope';

/** How often an agent's time is put on record: a lost worker makes a present of no more than this. */
const NOTED_EVERY_MS = 10_000;

/**
 * Runs a try's agent, and counts its time over all workers: one that goes on where a lost worker left it, or after a
 * pause, has the rest of it. One that cannot go on starts over, and has all of it again.
 */
export async function withAgentTime<T>(
  db: Queryable,
  { attempt, lease, agent }: Pick<TryScope, 'attempt' | 'lease' | 'agent'>,
  work: (spentMs: number) => Promise<T>,
): Promise<T> {
  if (!agent.resumes) return work(0);
  const { id: attemptId, agentMs: before } = attempt;
  const watch = awakeStopwatch();
  const note = async () => {
    const agentMs = before + Math.round(watch.ms());
    // While PostgreSQL is away, or for a try that is another worker's by now, it is no matter.
    await recordAgentTime(db, { attemptId, token: lease.token, agentMs }).catch(() => undefined);
  };
  const timer = setInterval(() => void note(), NOTED_EVERY_MS);
  try {
    return await work(before);
  } finally {
    clearInterval(timer);
    watch.stop();
    await note();
  }
}
