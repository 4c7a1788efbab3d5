/** `Batch 1: T1, T6`, a line for each batch. */
export function batchLines(batches: readonly (readonly number[])[]): string[] {
  return batches.map((tasks, index) => `Batch ${index + 1}: ${tasks.map((task) => `T${task}`).join(', ')}`);
}

/** `[1, 6] [2] [3, 4] [5, 7]` */
export function batchesInOneLine(batches: readonly (readonly number[])[]): string {
  return batches.map((tasks) => `[${tasks.join(', ')}]`).join(' ');
}
