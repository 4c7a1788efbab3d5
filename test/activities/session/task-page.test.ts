import { taskPage } from '../../../activities/session/task-page';
import type { TaskRow } from '../../../activities/scope/contract';

const row = (id: number, dependsOn: number[], reason?: string): TaskRow => ({
  ...{
    id,
    epic: 1,
    priority: 100,
    dependsOn,
    finished: false,
    title: 'x'.repeat(40),
    agent: 'claude sonnet',
  },
  ...(reason ? { stopped: { as: 'failed' as const, reason } } : {}),
});

/** As the session loads it, page by page. */
function pagesOf(rows: TaskRow[]): TaskRow[][] {
  const pages: TaskRow[][] = [];
  for (let after: number | null = 0; after !== null;) {
    const from: number = after;
    const page = taskPage(rows.filter(({ id }) => id > from).slice(0, 2_000));
    pages.push(page.tasks);
    after = page.next;
  }
  return pages;
}

const layers = (id: number) => Array.from({ length: id <= 250 ? 0 : 250 }, (_, index) => id - 1 - index);
const numbers = (most: number) => Array.from({ length: most }, (_, index) => index + 1);

test.each([
  ['no task', [], [0]],
  ['a plan of many small tasks', numbers(5_000).map((id) => row(id, [])), [2_000, 2_000, 1_000]],
  ['exactly one page of them', numbers(2_000).map((id) => row(id, [])), [2_000, 0]],
])('%s: as many as are read at once', (_, rows, sizes) => {
  expect(pagesOf(rows).map(({ length }) => length)).toEqual(sizes);
});

test.each([
  ['with hundreds of dependencies each', numbers(2_500).map((id) => row(id, layers(id)))],
  ['all failed, with long reasons', numbers(2_500).map((id) => row(id, [], '失敗'.repeat(100)))],
  ['one of which is larger than a page', [row(1, []), row(2, numbers(200_000)), row(3, [])]],
])('tasks %s: all come, and no page is larger than a payload may be', (_, rows) => {
  const pages = pagesOf(rows);
  expect(pages.flat()).toEqual(rows);
  const sizes = pages
    .filter(({ length }) => length > 1)
    .map((page) => Buffer.byteLength(JSON.stringify(page)));
  expect(Math.max(0, ...sizes)).toBeLessThan(1_000_000);
});
