/**
 * What a session has cost, from two sources that overlap: its epics tell what each settled task cost, the worker what
 * all of them have cost so far, failed tries of earlier sessions included. The higher sum is the newer one.
 */
export interface Spending {
  /** USD, by task. */
  readonly tasks: ReadonlyMap<number, number>;
  usd(): number;
  /** The task has cost this much by now. */
  charge(task: number, costUsd: number): void;
  /** All has cost at least this much by now. */
  atLeast(totalUsd: number): void;
}

export function createSpending(): Spending {
  const tasks = new Map<number, number>();
  let totalUsd = 0;
  let chargedUsd = 0;
  return {
    tasks,
    usd: () => Math.max(totalUsd, chargedUsd),
    charge(task, costUsd) {
      chargedUsd += costUsd - (tasks.get(task) ?? 0);
      tasks.set(task, costUsd);
    },
    atLeast: (usd) => void (totalUsd = Math.max(totalUsd, usd)),
  };
}
