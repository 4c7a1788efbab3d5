import type { Attempt } from '../../db/task/attempts';
import { cost } from '../text/units';

interface Spent {
  costUsd: number;
  costUnknown: boolean;
}

/** What the session spent on each task. */
export function spentByTask(attempts: readonly Attempt[]): ReadonlyMap<number, Spent> {
  const spent = new Map<number, Spent>();
  for (const { task, costUsd, costUnknown } of attempts) {
    const before = spent.get(task);
    spent.set(task, {
      costUsd: (before?.costUsd ?? 0) + costUsd,
      costUnknown: costUnknown || before?.costUnknown === true,
    });
  }
  return spent;
}

/** Nothing where nothing was spent. */
export const spentText = (spent: Spent | undefined): string[] =>
  spent && (spent.costUsd > 0 || spent.costUnknown) ? [cost(spent.costUsd, spent.costUnknown)] : [];
