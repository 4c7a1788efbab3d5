import { Context } from '@temporalio/activity';
import type { LaneSession } from '../../db/session/session-lane';
import { reopenSession } from '../../db/session/session-open';
import { isOpenStatus } from '../../domain/session/open-workflow';
import type { ActivityDependencies } from './dependencies';

const ANSWER_MS = 5_000;

/**
 * Work is asked for in the name of a session that has ended: by a person who reset its workflow to after its beginning, and
 * then it is open again; or, late, by one that was ended from outside. Temporal knows which.
 */
export async function reopenIfReset(
  { db }: ActivityDependencies,
  { id, workflowId, runId, endedAt }: LaneSession,
): Promise<void> {
  if (endedAt === null) return;
  const { client } = Context.current();
  const ask = () => client.workflow.getHandle(workflowId).describe();
  const { status, raw } = await client.withDeadline(Date.now() + ANSWER_MS, ask);
  const isOwn = raw.workflowExecutionInfo?.firstRunId === runId;
  if (isOwn && isOpenStatus(status.name)) await reopenSession(db, id);
}
