/** `Batch 1: T1, T6` */
export const batchLine = (number: number, tasks: readonly number[]): string =>
  `Batch ${number}: ${tasks.map((task) => `T${task}`).join(', ')}`;

/** A line for each batch. */
export const batchLines = (batches: readonly (readonly number[])[]): string[] =>
  batches.map((tasks, index) => batchLine(index + 1, tasks));

/** `[1, 6] [2] [3, 4] [5, 7]` */
export function batchesInOneLine(batches: readonly (readonly number[])[]): string {
  return batches.map((tasks) => `[${tasks.join(', ')}]`).join(' ');
}
