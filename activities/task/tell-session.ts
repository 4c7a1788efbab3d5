import { Context } from '@temporalio/activity';
import { TASK_SETTLED } from '../../domain/session/signals';
import type { TaskInput, TaskOutcome, TaskSettled } from '../scope/contract';
import type { Place } from '../scope/place';

/** Longer than a server on the same machine takes to answer; the epic tells it otherwise. */
const PATIENCE_MS = 2_000;

/**
 * Tells the session that a task is complete, so that what waits for it is ordered while the epic still takes in that its
 * activity ended: a step less between two tasks. Where that fails, or is lost with this worker, the epic tells it. Of a
 * task that is not running any more the session takes no second word, so nothing is done twice.
 */
export async function tellSession(
  { session }: Pick<Place, 'session'>,
  { sessionId, task }: TaskInput,
  outcome: TaskOutcome,
): Promise<TaskOutcome> {
  if (outcome.kind !== 'done' || !outcome.complete) return outcome;
  const { client } = Context.current();
  const { costUsd } = outcome;
  const message: TaskSettled = { sessionId, task, outcome: 'complete', ...(costUsd ? { costUsd } : {}) };
  try {
    // By id alone: after a continue-as-new, the session is another run of it.
    const handle = client.workflow.getHandle(session.workflowId);
    await client.withDeadline(Date.now() + PATIENCE_MS, () => handle.signal(TASK_SETTLED, message));
    return { ...outcome, told: true };
  } catch {
    return outcome;
  }
}
