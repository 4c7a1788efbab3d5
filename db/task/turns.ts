import { getAttempt } from './attempts';
import type { Queryable } from '../connection/connection';
import { addCost } from '../cost/costs';
import { appendEvent } from '../events/events';
import { fence, type AttemptToken } from '../worktree/fence';
import { usdFromNano } from '../../domain/cost/money';
import { storableJson } from '../connection/storable-json';

export interface NewTurn {
  /** The number of the turn, from 0. */
  n: number;
  /** `response` is a model's answer; others are up to the agent. */
  kind: string;
  /** Where a turn has several of a kind, such as tool results. */
  toolUseId?: string;
  payload: unknown;
  usage?: Record<string, unknown> | null;
  /** Nano-dollars. Null beside a usage: the model's price is unknown. */
  costNano?: number | null;
  /** Nano-dollars that a call may have cost beyond that, since nobody saw its end. */
  uncertainNano?: number;
}

/**
 * Appends to the attempt's log, and its cost to attempt, task and session, in one transaction; what was reserved for
 * the call is free again. `exists`: it had been recorded before, so nothing was added.
 * @throws LeaseLost
 */
export async function recordTurn(
  db: Queryable,
  { attemptId, token, ...turn }: AttemptToken & NewTurn,
): Promise<'recorded' | 'exists'> {
  return db.transaction(async (tx) => {
    await fence(tx, { attemptId, token });
    if (!(await insertTurn(tx, attemptId, turn))) return 'exists';
    const unpriced = turn.usage != null && turn.costNano == null;
    const settles = turn.kind === 'response' || turn.uncertainNano !== undefined;
    if (!settles && !turn.costNano && !unpriced) return 'recorded';
    const { sessionId, epic, task, number } = await getAttempt(tx, attemptId);
    const { costNano, uncertainNano } = turn;
    const costs = await addCost(tx, {
      attemptId,
      costNano: costNano ?? 0,
      unpriced,
      uncertainNano: uncertainNano ?? 0,
    });
    const about = { sessionId, epic, task };
    if (turn.kind === 'response') {
      await appendEvent(tx, { ...about, type: 'agent_turn', data: { attempt: number, n: turn.n } });
    }
    if (turn.costNano || unpriced)
      await appendEvent(tx, { ...about, type: 'cost_update', data: { ...costs } });
    return 'recorded';
  });
}

async function insertTurn(tx: Queryable, attemptId: number, turn: NewTurn): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into yokeflow.agent_turns (attempt_id, n, kind, tool_use_id, payload, usage, cost_nano)
      values ($1, $2, $3, $4, $5, $6, $7) on conflict (attempt_id, n, kind, tool_use_id) do nothing`,
    [
      attemptId,
      turn.n,
      turn.kind,
      turn.toolUseId ?? '',
      storableJson(turn.payload ?? null),
      turn.usage ? storableJson(turn.usage) : null,
      turn.costNano ?? null,
    ],
  );
  return rowCount === 1;
}

export interface Turn {
  n: number;
  kind: string;
  /** Empty where the kind has none. */
  toolUseId: string;
  payload: unknown;
  usage: Record<string, unknown> | null;
  /** Null where nothing was charged, or the price is unknown. */
  costUsd: number | null;
  createdAt: string;
  /** Grows from entry to entry of an attempt. */
  position: number;
}

/** The attempt's log, in the order in which it was written; only what came after a position, if one is given. */
export async function listTurns(db: Queryable, attemptId: number, after = 0): Promise<Turn[]> {
  const { rows } = await db.query<Omit<Turn, 'costUsd'> & { costNano: number | null }>(
    `select n, kind, tool_use_id as "toolUseId", payload, usage, cost_nano as "costNano", created_at as "createdAt",
       position
     from yokeflow.agent_turns where attempt_id = $1 and position > $2 order by position`,
    [attemptId, after],
  );
  return rows.map(({ costNano, ...row }) => ({
    ...row,
    costUsd: costNano === null ? null : usdFromNano(costNano),
  }));
}
