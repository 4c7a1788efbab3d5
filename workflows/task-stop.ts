import { CancellationScope } from '@temporalio/workflow';

/** Lets one task of an epic be cancelled without its epic. */
export interface TaskStop {
  /** Runs `work` for a task. `'stopped'`: it ended because the task was to stop, and not its epic. */
  run<T>(task: number, work: () => Promise<T>): Promise<T | 'stopped'>;
  /** Stops the task where it is, or when its turn comes if it is `queued`. One that has ended is left alone. */
  stop(task: number, queued: boolean): void;
}

export function createTaskStop(): TaskStop {
  const early = new Set<number>();
  let current: { task: number; scope: CancellationScope } | null = null;
  return {
    async run(task, work) {
      if (early.delete(task)) return 'stopped';
      const epic = CancellationScope.current();
      const scope = new CancellationScope();
      current = { task, scope };
      try {
        return await scope.run(work);
      } catch (error) {
        if (scope.consideredCancelled && !epic.consideredCancelled) return 'stopped';
        throw error;
      } finally {
        current = null;
      }
    },
    stop(task, queued) {
      if (current?.task === task) current.scope.cancel();
      else if (queued) early.add(task);
    },
  };
}
