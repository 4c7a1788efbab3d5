import { startAttempt } from '../../db/task/attempt-start';
import type { Attempt } from '../../db/task/attempts';
import type { Database } from '../../db/connection/connection';
import { takeLease } from '../../db/worktree/leases';
import { getTask } from '../../db/task/tasks';
import { recordTurn, type NewTurn } from '../../db/task/turns';
import type { AgentName } from '../../domain/model';
import type { RunningSession } from '../db/scenario';

export interface Trying {
  attempt: Attempt;
  token: number;
  record(turn: NewTurn): Promise<unknown>;
}

let keys = 0;

/** Starts a try at a task of a running session, as a worker would. */
export async function startTry(
  db: Database,
  { projectId, session, backend, frontend }: RunningSession,
  { task, agent, model = null }: { task: number; agent: AgentName; model?: string | null },
): Promise<Trying> {
  const key = `try-${++keys}`;
  const worktreeId = task === 3 ? frontend.id : backend.id;
  const lease = await takeLease(db, { worktreeId, holder: key, staleAfterMs: 0 });
  if (lease.kind !== 'taken') throw new Error(`the lease is held by ${lease.holder}`);
  const { token } = lease;
  const { id: taskId } = await getTask(db, { projectId, task });
  const start = { taskId, sessionId: session.id, worktreeId, key, token, agent, model };
  const { attempt } = await startAttempt(db, start);
  return { attempt, token, record: (turn) => recordTurn(db, { attemptId: attempt.id, token, ...turn }) };
}

/** A usage as the Messages API reports it. */
export const usage = (input: number, output: number, cacheWrite = 0, cacheRead = 0) => ({
  input_tokens: input,
  output_tokens: output,
  cache_creation_input_tokens: cacheWrite,
  cache_read_input_tokens: cacheRead,
});
