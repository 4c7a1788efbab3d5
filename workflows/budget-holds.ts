import type { LaneId } from '../domain/scheduler';

/**
 * Tells holds that were judged by the budget as it is from those judged by an older one: an agent that looked just
 * before `setBudget` may be heard of just after it, and would pause a session that has money again.
 */
export interface BudgetHolds {
  changed(): void;
  /** The lane's agent looks at the budget from here on. */
  looks(lane: LaneId): void;
  /** The lane's agent has not seen the latest change. */
  outdated(lane: LaneId): boolean;
}

export function createBudgetHolds(): BudgetHolds {
  const seen = new Map<LaneId, number>();
  let changes = 0;
  return {
    changed: () => void changes++,
    looks: (lane) => void seen.set(lane, changes),
    outdated: (lane) => (seen.get(lane) ?? 0) < changes,
  };
}
