import {
  allLanded,
  describeResult,
  nothingToDo,
  type SessionResult,
} from '../../../domain/session/session-result';

const result = (changes: Partial<SessionResult>): SessionResult => ({
  sessionId: 1,
  project: 'my-app',
  status: 'incomplete',
  tasks: { complete: 4, skipped: 0, failed: 1, blocked: 2, pending: 0 },
  epics: [],
  problems: [],
  durationSeconds: 10,
  costUsd: 0,
  notes: [],
  ...changes,
});

test('the outcome, the first cause of each kind, and the next command, in four lines at most', () => {
  const text = describeResult(
    result({
      epics: [
        { epic: 1, status: 'merged', mergeCommit: 'abc' },
        { epic: 2, status: 'conflict', reason: 'conflict in a.txt' },
      ],
      problems: [
        { task: 5, status: 'blocked', reason: 'depends on T3, which failed' },
        { task: 3, status: 'failed', reason: 'verify ended with exit code 1\nand more' },
      ],
    }),
  );
  expect(text).toMatchInlineSnapshot(`
    "1 epic merged; 4 tasks complete, 1 failed, 2 blocked.
    T3 failed: verify ended with exit code 1
    Epic 2: conflict, conflict in a.txt
    See: yokeflow status --project my-app"
  `);
});

test.each(['conflict', 'blocked', 'lost'] as const)(
  'an epic that is %s is named, with the first line of why',
  (status) => {
    const epics = [{ epic: 2, status, reason: 'why\nand more' }];
    expect(describeResult(result({ epics }))).toContain(`\nEpic 2: ${status}, why\nSee: `);
  },
);

test('everything landed only where nothing of the plan is open', () => {
  expect(allLanded({ complete: 3, skipped: 1 })).toBe('everything landed');
  expect(allLanded({ complete: 3, pending: 1 })).toBe(
    'what was asked for landed, 1 task of other epics is open',
  );
});

test('what has a pull request has not landed', () => {
  const urls = [11, 12].map((number) => `https://github.com/me/app/pull/${number}`);
  const opened = `2 pull requests opened: ${urls.join(', ')}`;
  expect(allLanded({ complete: 3 }, urls)).toBe(opened);
  expect(allLanded({ complete: 3, failed: 1 }, urls)).toBe(`${opened}; 1 task of other epics is open`);
  const { tasks } = result({});
  expect(nothingToDo(tasks, urls)).toBe(`nothing to do: 2 pull requests not merged yet: ${urls.join(', ')}`);
  const epics = urls.map((url, at) => ({
    ...{ epic: at + 1, status: 'proposed' as const },
    pullRequest: { number: at + 11, url },
  }));
  expect(describeResult(result({ epics })).split('\n').slice(0, 2)).toEqual([
    '0 epics merged; 4 tasks complete, 1 failed, 2 blocked.',
    `${opened}.`,
  ]);
});
