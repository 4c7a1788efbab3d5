import type { RandomTask } from './random-plan';

export const task = (id: number, epic: number, dependsOn: number[] = [], priority = 10): RandomTask => ({
  id,
  epic,
  priority,
  dependsOn,
});

/** The guide's example as bare tasks: batches [1, 6] [2] [3, 4] [5, 7]. */
export const guide: RandomTask[] = [
  task(1, 1),
  task(2, 1, [1]),
  task(3, 2, [2]),
  task(4, 2, [2]),
  task(5, 2, [3, 4]),
  task(6, 3),
  task(7, 3, [3]),
];
