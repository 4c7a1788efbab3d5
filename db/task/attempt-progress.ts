import type { Queryable } from '../connection/connection';
import { LeaseLost } from '../connection/errors';
import { fenceQuery, type AttemptToken } from '../worktree/fence';
import { storableJson } from '../connection/storable-json';
import { storableOrNull } from '../../domain/storable-text';

/** Each of these throws `LeaseLost`. */

/** The commit that the attempt's work starts from. */
export async function setAttemptBase(
  db: Queryable,
  { baseCommit, ...token }: AttemptToken & { baseCommit: string },
): Promise<void> {
  await write(db, token, 'base_commit = $2', [baseCommit]);
}

/** How long the agent has worked by now. */
export async function recordAgentTime(
  db: Queryable,
  { agentMs, ...token }: AttemptToken & { agentMs: number },
): Promise<void> {
  await write(db, token, 'agent_ms = $2', [agentMs]);
}

export interface AgentEnd {
  outcome: string;
  reason?: string | null;
  /** The last of what the agent printed. */
  outputTail?: string | null;
  usage?: Record<string, unknown> | null;
}

/**
 * The agent has ended, which does not end the attempt: its work is still to be verified and committed. Returns when it
 * ended.
 */
export async function finishAgent(
  db: Queryable,
  { outcome, reason, outputTail, usage, ...token }: AttemptToken & AgentEnd,
): Promise<string> {
  const values = [
    outcome,
    storableOrNull(reason),
    storableOrNull(outputTail),
    usage ? storableJson(usage) : null,
  ];
  const columns =
    'outcome = $2, reason = $3, output_tail = $4, usage = coalesce($5, usage), agent_ended_at = now()';
  return (await write(db, token, columns, values)).agentEndedAt!;
}

/** The project's verify command has passed on this tree. */
export async function recordVerified(
  db: Queryable,
  { tree, outputTail, ...token }: AttemptToken & { tree: string; outputTail?: string | null },
): Promise<void> {
  const columns = 'tree = $2, output_tail = coalesce($3, output_tail), verified_at = now()';
  await write(db, token, columns, [tree, storableOrNull(outputTail)]);
}

async function write(
  db: Queryable,
  token: AttemptToken,
  columns: string,
  values: unknown[],
): Promise<{ agentEndedAt: string | null }> {
  const held = fenceQuery('$1', `$${values.length + 2}`);
  const { rows } = await db.query<{ agentEndedAt: string | null }>(
    `with held as (${held}) update yokeflow.task_attempts set ${columns} where id = $1 and exists (select from held)
     returning agent_ended_at as "agentEndedAt"`,
    [token.attemptId, ...values, token.token],
  );
  if (!rows[0]) throw new LeaseLost(token.token);
  return rows[0];
}
