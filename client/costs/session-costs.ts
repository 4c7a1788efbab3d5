import { NANO_PER_USD } from '../../domain/cost/money';
import type { CostRow } from '../../db/cost/cost-report';
import type { Session } from '../../db/session/sessions';
import { totalOf, type CostTotal } from './cost-total';

/** What a session cost: as a whole, and the attempts in it. */
export interface SessionCosts {
  session: Session;
  total: CostTotal;
  rows: CostRow[];
  /** Nano-dollars of tasks that have been removed from the plan since, of which no more is known. */
  removedNano: number;
}

/** @param rows of this session alone */
export function sessionCosts(session: Session, rows: CostRow[]): SessionCosts {
  const known = totalOf(rows);
  // While the session runs, the rows may have been read a turn later than the session.
  const removedNano = Math.max(Math.round(session.totalCostUsd * NANO_PER_USD) - known.costNano, 0);
  return { session, rows, removedNano, total: { ...known, costNano: known.costNano + removedNano } };
}

/** Several sessions together. */
export function projectTotal(sessions: readonly SessionCosts[]): CostTotal {
  const total = totalOf(sessions.flatMap(({ rows }) => rows));
  return { ...total, costNano: sessions.reduce((sum, session) => sum + session.total.costNano, 0) };
}
