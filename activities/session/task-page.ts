import type { TaskPage, TaskRow } from '../scope/contract';

/** Rows that are read at once: those of most plans are some 120 kB. */
export const PAGE = 2_000;
/** Far below the 2 MB of a payload: tasks with hundreds of dependencies, or long reasons, come in smaller pages. */
const PAGE_BYTES = 500_000;

/** A page of what was read: as much of it as fits. */
export function taskPage(rows: TaskRow[]): TaskPage {
  let bytes = 0;
  const over = rows.findIndex((row) => (bytes += Buffer.byteLength(JSON.stringify(row))) > PAGE_BYTES);
  const tasks = over < 0 ? rows : rows.slice(0, Math.max(over, 1));
  const all = tasks.length === rows.length && rows.length < PAGE;
  return { tasks, next: all ? null : tasks.at(-1)!.id };
}
