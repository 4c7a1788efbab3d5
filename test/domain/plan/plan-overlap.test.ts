import type { PlanEpic } from '../../../domain/plan/plan';
import { overlaps } from '../../../domain/plan/plan-overlap';

const epic = (id: number, ...actions: string[]): PlanEpic => ({
  id,
  name: `Epic ${id}`,
  tasks: actions.map((action, at) => ({
    id: id * 100 + at,
    description: 'A task',
    action,
    priority: 100,
    dependsOn: [],
  })),
});

test('epics that name the same files and folders, the most of them first', () => {
  const plan = [
    epic(1, 'Change src/app.ts and README.md', 'Look into docs/guide/'),
    epic(2, 'Change ./src/app.ts.'),
    epic(3, 'See README.md, docs/guide and (src/other.ts)'),
  ];
  expect(overlaps(plan)).toEqual([
    { epics: [1, 3], paths: ['README.md', 'docs/guide'] },
    { epics: [1, 2], paths: ['src/app.ts'] },
  ]);
});

test('what only looks like a file is none', () => {
  const words = 'Use node.js, e.g. v1.2, i.e. the newest, and so on etc.';
  expect(overlaps([epic(1, words), epic(2, words)])).toEqual([]);
});

test('a hundred kilobytes without a blank, such as an image in base64, takes no time', () => {
  const started = performance.now();
  const noise = 'a-Zk9'.repeat(20_000);
  expect(overlaps([epic(1, `${noise} src/a.ts`), epic(2, `src/a.ts ${noise}`)])).toEqual([
    { epics: [1, 2], paths: ['src/a.ts'] },
  ]);
  expect(performance.now() - started).toBeLessThan(5_000);
});
