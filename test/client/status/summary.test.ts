import pc from 'picocolors';
import { hintFor } from '../../../client/text/hint';
import { UNSEEN, type MergeState } from '../../../client/status/merge-states';
import { nextSteps } from '../../../client/status/next-steps';
import { summaryText } from '../../../client/status/summary';
import type { EpicSummary, SessionSummary, TaskSummary } from '../../../db/session/summary';
import type { SessionStatus } from '../../../domain/model';

const colours = pc.createColors(false);
const hint = hintFor({});

function task(number: number, rest: Partial<TaskSummary> = {}): TaskSummary {
  const done = { durationMs: 1_200, attempts: 1, commit: 'c'.repeat(40), reason: null, output: null };
  const free = { costUsd: 0, costUnknown: false };
  return { number, title: `Task ${number}`, status: 'complete', ...done, ...free, ...rest };
}

function worktree(rest: Partial<NonNullable<EpicSummary['worktree']>>): EpicSummary['worktree'] {
  const path = '/repo/.worktrees/epic-2-users';
  const nothing = {
    mergeCommit: null,
    conflict: null,
    blockedReason: null,
    failedOutput: null,
    pullRequest: null,
  };
  return { status: 'active', branchName: 'epic-2-users', path, ...nothing, ...rest };
}

function summary(status: SessionStatus, epics: EpicSummary[]): SessionSummary {
  const tasks = { pending: 0, running: 0, complete: 0, failed: 0, blocked: 0, skipped: 0 };
  for (const epic of epics) for (const one of epic.tasks) tasks[one.status]++;
  const session = {
    id: 7,
    projectId: 1,
    project: 'my-app',
    workflowId: 'yokeflow-my-app',
    runId: 'r',
    status,
    statusReason: null,
    options: { parallel: true },
    totalCostUsd: 0.5,
    costUnknown: false,
    durationSeconds: status === 'running' ? null : 90,
    startedAt: '',
    endedAt: null,
    lastEventSeq: 1,
  };
  return { session, tasks, epics, sequentialWorktree: null };
}

const text = (of: SessionSummary) =>
  summaryText({ summary: of, steps: nextSteps(of, hint), link: 'http://ui', colours });

it('all landed: epics with their merges, tasks with their times, nothing to do', () => {
  const merged = worktree({ status: 'removed', mergeCommit: '1234567890' });
  const all = summary('complete', [
    { number: 2, name: 'Users', worktree: merged, tasks: [task(1), task(12)] },
  ]);
  expect(text(all)).toMatchInlineSnapshot(`
   "my-app: session 7 complete in 1 m 30 s, 0.50 USD
   2 tasks: 2 complete

   Epic 2 Users  merged as 1234567
     [x] T1 Task 1    1.2 s
     [x] T12 Task 12  1.2 s

   Web UI: http://ui"
  `);
});

it('of an epic that brought nothing, that there was nothing to merge', () => {
  const removed = worktree({ status: 'removed', mergeCommit: null });
  const skipped = task(1, { status: 'skipped' });
  const lines = (tasks: TaskSummary[]) =>
    text(summary('complete', [{ number: 2, name: 'Users', worktree: removed, tasks }])).split('\n');
  expect(lines([skipped])).toContain('Epic 2 Users  nothing to merge');
  expect(lines([])).toContain('Epic 2 Users  nothing to merge');
  // Its commit is not known: somebody brought it to the base branch in another way.
  expect(lines([task(1), skipped])).toContain('Epic 2 Users  merged');
});

it('all proposed: the pull requests, nowhere that anything landed, and what comes after', () => {
  const pullRequest = { number: 11, url: 'https://github.com/me/app/pull/11', commit: 'c'.repeat(40) };
  const proposed = worktree({ status: 'proposed', pullRequest });
  const all = summary('complete', [{ number: 2, name: 'Users', worktree: proposed, tasks: [task(1)] }]);
  expect(text(all)).toMatchInlineSnapshot(`
   "my-app: session 7 complete in 1 m 30 s, 0.50 USD
   1 task: 1 complete

   Epic 2 Users  pull request #11: https://github.com/me/app/pull/11
     [x] T1 Task 1  1.2 s

   What to do
     1 pull request not merged yet: https://github.com/me/app/pull/11
       yokeflow worktrees recover --project my-app    # after git pull

   Web UI: http://ui"
  `);
});

it('what an agent left out as it settled a merge is to be looked at, also when it has landed', () => {
  const merged = worktree({ status: 'removed', mergeCommit: '1234567890' });
  const dropped = [{ path: 'a.js', count: 2, lines: ['one', 'two'] }];
  const all = summary('complete', [
    { number: 2, name: 'Users', worktree: merged, tasks: [task(1)], dropped },
  ]);
  expect(nextSteps(all, hint)).toEqual([
    {
      problem: 'Epic 2 Users: an agent settled its merge without 2 lines of a.js, which git had merged',
      commands: ['yokeflow resolution 2 --project my-app'],
    },
  ]);
});

it('a conflict, a failure and what they block: each with what to type next', () => {
  const conflict = {
    during: 'landing' as const,
    files: [{ path: 'a.js', kind: 'contents' }],
    ours: 'a',
    theirs: 'b',
  };
  const failed = task(3, { status: 'failed', reason: 'verify failed\nmore', attempts: 3 });
  const blocked = task(4, { status: 'blocked', reason: 'depends on T3, which failed', durationMs: null });
  const some = summary('incomplete', [
    { number: 2, name: 'Users', worktree: worktree({ status: 'conflict', conflict }), tasks: [task(1)] },
    { number: 3, name: 'Pages', worktree: null, tasks: [failed, blocked] },
  ]);
  expect(text(some)).toMatchInlineSnapshot(`
   "my-app: session 7 incomplete in 1 m 30 s, 0.50 USD
   3 tasks: 1 complete, 1 failed, 1 blocked

   Epic 2 Users  conflict (branch epic-2-users)
     [x] T1 Task 1  1.2 s
   Epic 3 Pages
     [!] T3 Task 3  failed: verify failed (1.2 s, 3 tries)
     [-] T4 Task 4  blocked: depends on T3, which failed

   What to do
     Epic 2 Users has a merge conflict in a.js (contents)
       cd /repo/.worktrees/epic-2-users
       git status    # edit the files, then
       git add --all && git commit --no-edit
       yokeflow merge 2 --project my-app
     T3 Task 3 failed: verify failed
       yokeflow transcript 3 --project my-app    # why
       yokeflow run --project my-app --parallel

   Web UI: http://ui"
  `);
});

it('while the session is open, a failed task can be retried or skipped', () => {
  const failed = task(3, { status: 'failed', reason: 'boom' });
  const open = summary('running', [{ number: 3, name: 'Pages', worktree: null, tasks: [failed] }]);
  expect(nextSteps(open, hint)).toEqual([
    {
      problem: 'T3 Task 3 failed: boom',
      commands: [
        'yokeflow retry 3 --project my-app',
        'yokeflow skip 3 --project my-app    # instead: counts as done',
      ],
    },
  ]);
});

describe('an epic that has tasks to do before it can be merged', () => {
  const failed = task(3, { status: 'failed', reason: 'boom', attempts: 0 });
  const conflict = {
    during: 'sync' as const,
    files: [{ path: 'a.js', kind: 'contents' }],
    ours: 'a',
    theirs: 'b',
  };
  const conflicted = worktree({ status: 'conflict', conflict });
  const stale = worktree({ status: 'blocked', blockedReason: 'a.js has changes' });
  const last = (...of: Parameters<typeof summary>) =>
    nextSteps(summary(...of), hint).map(({ commands }) => commands.at(-1));
  const epic = (of: EpicSummary['worktree']) => [
    { number: 2, name: 'Users', worktree: of, tasks: [task(1), failed] },
  ];
  const skip = 'yokeflow skip 3 --project my-app    # instead: counts as done';
  const run = 'yokeflow run --project my-app --parallel';

  it('is not offered for merging: its task is, and what kept it from being merged earlier is not told', () => {
    expect(last('running', epic(conflicted))).toEqual(['yokeflow retry 3 --project my-app', skip]);
    expect(last('incomplete', epic(conflicted))).toEqual([run, run]);
    expect(last('running', epic(stale))).toEqual([skip]);
    expect(last('incomplete', epic(stale))).toEqual([run]);
  });

  it('is not told of at all while a session is open that leaves it out', () => {
    const some = summary('running', epic(conflicted));
    some.session.options = { parallel: true, epics: [1] };
    expect(nextSteps(some, hint)).toEqual([]);
  });
});

it('a merged tree that is red: what was printed, and where to mend it', () => {
  const red = {
    status: 'blocked',
    blockedReason: 'verify is red',
    failedOutput: 'expected 2, got 3\n',
  } as const;
  const epic = { number: 2, name: 'Users', worktree: worktree(red), tasks: [task(1)] };
  expect(nextSteps(summary('incomplete', [epic]), hint)).toEqual([
    {
      problem: 'Epic 2 Users waits to be merged: verify is red',
      output: ['expected 2, got 3'],
      commands: [
        'cd /repo/.worktrees/epic-2-users',
        'git merge --no-edit main    # make it pass, then',
        'git add --all && git commit -m "Make it pass"',
        'yokeflow merge 2 --project my-app',
      ],
    },
  ]);
});

it('an epic behind another that cannot land has nothing to be typed: it follows that one', () => {
  const behind = {
    status: 'blocked',
    blockedReason: 'contains commits of epic-1, which cannot land (conflict)',
  } as const;
  const epic = { number: 2, name: 'Users', worktree: worktree(behind), tasks: [task(1)] };
  expect(nextSteps(summary('running', [epic]), hint)).toEqual([
    {
      problem: 'Epic 2 Users waits to be merged: contains commits of epic-1, which cannot land (conflict)',
      commands: [],
    },
  ]);
});

const file = (object: string) => ({ object, link: false, symlink: false });

describe('what to do about a conflict is what git can do in its worktree now', () => {
  const files = [{ path: 'a.js', kind: 'contents' }];
  const text = { path: 'a.js', ours: file('1'), theirs: file('2'), populated: false };
  const left = {
    merging: true,
    unmerged: ['a.js'],
    marked: ['a.js'],
    open: [text],
    dirty: true,
    gone: false,
  };
  const commandsFor = (
    state: Partial<MergeState>,
    tasks = [task(1)],
    status: SessionStatus = 'incomplete',
  ) => {
    const conflict = { during: 'landing' as const, files, ours: 'a', theirs: 'b' };
    const epic = { number: 2, name: 'Users', worktree: worktree({ status: 'conflict', conflict }), tasks };
    const world = { ...UNSEEN, states: new Map([[2, { ...left, ...state }]]) };
    return nextSteps(summary(status, [epic]), hint, { world })[0]!.commands;
  };
  const committed = { merging: false, unmerged: [], open: [], dirty: false };
  const cd = 'cd /repo/.worktrees/epic-2-users';
  const merge = 'yokeflow merge 2 --project my-app';

  it.each([
    [
      'as it was left',
      {},
      [cd, 'git status    # edit the files, then', 'git add --all && git commit --no-edit', merge],
    ],
    [
      'committed with its markers: there is no merge to go on with',
      committed,
      [
        cd,
        'git status    # edit these files, then',
        'git add --all && git commit -m "Resolve conflicts"',
        merge,
      ],
    ],
    [
      'committed in part',
      { ...committed, marked: [], dirty: true },
      [
        cd,
        'git status    # keep what is there, or undo it',
        'git add --all && git commit -m "Keep changes"',
        merge,
      ],
    ],
    ['committed', { ...committed, marked: [] }, [merge]],
    ['the worktree is gone', { ...committed, marked: [], gone: true }, [merge]],
  ])('%s', (_, state, commands) => expect(commandsFor(state)).toEqual(commands));

  it('before the epic is done: its task is tried again, there is nothing to merge yet', () => {
    const tasks = [task(1), task(2, { status: 'failed', reason: 'conflicts with what it depends on' })];
    expect(commandsFor({}, tasks).at(-1)).toBe('yokeflow run --project my-app --parallel');
    expect(commandsFor({}, tasks, 'running').at(-1)).toBe('yokeflow retry 2 --project my-app');
  });
});

it('shows the end of what a failed task printed, but for the one line that is its reason', () => {
  const failed = (number: number, output: string) =>
    task(number, { status: 'failed', reason: `boom ${number}`, output });
  const tasks = [failed(1, 'one\n\ntwo\nboom 1\n'), failed(2, 'boom 2\n')];
  const some = summary('running', [{ number: 3, name: 'Pages', worktree: null, tasks }]);
  expect(nextSteps(some, hint).map(({ output }) => output)).toEqual([['one', 'two', 'boom 1'], undefined]);
  expect(text(some)).toContain('T1 Task 1 failed: boom 1\n    | one\n    | two\n    | boom 1\n');
});

it('one cause, one step: a setup that fails in every epic, an agent that is not there', () => {
  const failed = (number: number, reason: string) => ({
    number,
    name: `Part ${number}`,
    worktree: null,
    tasks: [task(number, { status: 'failed', reason, attempts: 1 })],
  });
  const setup = (epic: number) => failed(epic, `setup of epic ${epic} ended with exit code 1: no network`);
  const some = summary('incomplete', [setup(1), setup(2), setup(3), failed(4, 'boom'), failed(5, 'boom')]);
  expect(nextSteps(some, hint)).toEqual([
    {
      problem: 'setup failed in epics 1, 2, 3: it ended with exit code 1: no network',
      commands: ['yokeflow transcript 1 --project my-app    # why'],
    },
    {
      problem: 'T4, T5 failed: boom',
      commands: [
        'yokeflow transcript 4 --project my-app    # why',
        'yokeflow run --project my-app --parallel',
      ],
    },
  ]);
});

it('the checkout in the way of a sequential session: run again', () => {
  const waits = worktree({ status: 'blocked', blockedReason: 'a.js has changes' });
  const done = summary('incomplete', [{ number: 1, name: 'All', worktree: null, tasks: [task(1)] }]);
  expect(nextSteps({ ...done, sequentialWorktree: waits }, hint)).toEqual([
    {
      problem: 'The sequential worktree waits to be merged: a.js has changes',
      commands: ['yokeflow run --project my-app --parallel'],
    },
  ]);
  const [open] = nextSteps(
    { ...done, session: { ...done.session, status: 'running' }, sequentialWorktree: waits },
    hint,
  );
  expect(open!.commands).toEqual(['yokeflow merge sequential --project my-app']);
});

describe('a sequential session says of each epic what landed', () => {
  const epics = [
    { number: 1, name: 'Backend', worktree: null, tasks: [task(1)] },
    { number: 2, name: 'Frontend', worktree: null, tasks: [task(2), task(3, { status: 'skipped' })] },
    { number: 3, name: 'Docs', worktree: null, tasks: [task(4), task(5, { status: 'failed' })] },
    { number: 4, name: 'Later', worktree: null, tasks: [task(6, { status: 'blocked' })] },
  ];
  const epicLines = (status: 'removed' | 'active' | 'blocked') => {
    const some = summary('incomplete', epics);
    some.session.options = {};
    const mergeCommit = status === 'removed' ? '1234567890' : null;
    some.sequentialWorktree = worktree({ status, mergeCommit, branchName: 'yokeflow-sequential' });
    return text(some)
      .split('\n')
      .filter((line) => line.startsWith('Epic'));
  };

  it('with which commit', () =>
    expect(epicLines('removed')).toEqual([
      'Epic 1 Backend  landed with 1234567',
      'Epic 2 Frontend  landed with 1234567',
      'Epic 3 Docs  landed with 1234567 (1 of 2 tasks)',
      'Epic 4 Later',
    ]));

  it('what landed before the others got stuck', () => {
    const some = summary('incomplete', epics);
    some.session.options = {};
    some.epics = [
      { ...epics[0]!, tasks: [task(1, { commit: 'a' })] },
      { ...epics[1]!, tasks: [task(2, { commit: 'b' })] },
      { ...epics[2]!, tasks: [task(4, { commit: 'a' }), task(5, { status: 'failed', commit: null })] },
    ];
    some.sequentialWorktree = worktree({ status: 'blocked', branchName: 'yokeflow-sequential' });
    const view = { summary: some, steps: [], unlanded: new Set(['b']), link: null, colours };
    const lines = summaryText(view).split('\n');
    expect(lines.filter((line) => line.startsWith('Epic'))).toEqual([
      'Epic 1 Backend  landed',
      'Epic 2 Frontend  blocked (branch yokeflow-sequential)',
      'Epic 3 Docs  landed (1 of 2 tasks)',
    ]);
  });

  it('or where it waits', () => {
    expect(epicLines('active')[0]).toBe('Epic 1 Backend  on branch yokeflow-sequential');
    expect(epicLines('blocked')[0]).toBe('Epic 1 Backend  blocked (branch yokeflow-sequential)');
  });
});

it('a cancelled session names what is finished and has not landed', () => {
  const cancelled = summary('cancelled', [
    { number: 1, name: 'Backend', worktree: worktree({}), tasks: [task(1), task(2)] },
    {
      number: 2,
      name: 'Users',
      worktree: worktree({ status: 'removed', mergeCommit: 'a' }),
      tasks: [task(3)],
    },
    { number: 3, name: 'Pages', worktree: worktree({}), tasks: [task(4, { status: 'pending' })] },
  ]);
  const run = 'yokeflow run --project my-app --parallel';
  expect(nextSteps(cancelled, hint)).toEqual([
    { problem: '1 task not done yet', commands: [run] },
    { problem: '1 epic finished but not landed', commands: [run] },
  ]);
  const running = { ...cancelled, session: { ...cancelled.session, status: 'running' as const } };
  expect(nextSteps(running, hint)).toEqual([]);
});

it('wide characters take their columns', () => {
  const tasks = [task(1, { title: '検索' }), task(2, { title: 'Search' })];
  const lines = text(summary('running', [{ number: 1, name: 'All', worktree: null, tasks }])).split('\n');
  expect(lines.slice(4, 6)).toEqual(['  [x] T1 検索    1.2 s', '  [x] T2 Search  1.2 s']);
});

it('a large plan lists only what is not done', () => {
  const many = Array.from({ length: 150 }, (_, index) => task(index + 1));
  many[140] = task(141, { status: 'failed', reason: 'boom' });
  const lines = text(summary('incomplete', [{ number: 1, name: 'All', worktree: null, tasks: many }])).split(
    '\n',
  );
  expect(lines.filter((line) => line.startsWith('  ['))).toEqual([
    '  [!] T141 Task 141  failed: boom (1.2 s)',
  ]);
});

it('a very large plan says how much of what is not done it leaves out', () => {
  const open = (number: number) => task(number, { status: 'pending' });
  const epic = (number: number, first: number, count: number) => ({
    ...{ number, name: `Part ${number}`, worktree: null },
    tasks: Array.from({ length: count }, (_, index) => open(first + index)),
  });
  const lines = (...epics: EpicSummary[]) => text(summary('running', epics)).split('\n');
  const told = lines(epic(1, 1, 99), epic(2, 100, 3), epic(3, 103, 5));
  expect(told.filter((line) => line.startsWith('  ['))).toHaveLength(100);
  expect(told.filter((line) => line.startsWith('Epic'))).toEqual(['Epic 1 Part 1', 'Epic 2 Part 2']);
  expect(told).toContain('(finished work is left out, and so are 7 more tasks; --json shows all)');
  expect(lines(epic(1, 1, 101))).toContain(
    '(finished work is left out, and so is 1 more task; --json shows all)',
  );
});

it('a cost that is known in part is never told as if it were whole', () => {
  const tasks = [
    task(1, { costUsd: 0.42, costUnknown: true }),
    task(2, { costUnknown: true }),
    task(3, { costUsd: 0.000_000_05 }),
  ];
  const some = summary('running', [{ number: 1, name: 'All', worktree: null, tasks }]);
  some.session.costUnknown = true;
  expect(text(some).split('\n')).toEqual([
    'my-app: session 7 running, at least 0.50 USD',
    '3 tasks: 3 complete',
    '',
    'Epic 1 All',
    '  [x] T1 Task 1  1.2 s, at least 0.42 USD',
    '  [x] T2 Task 2  1.2 s, cost unknown',
    '  [x] T3 Task 3  1.2 s, 0.000000050 USD',
    '',
    'Web UI: http://ui',
  ]);
});

it('an epic whose workflow ended: why, and that another run goes on with it', () => {
  const lost = [{ epic: 2, status: 'lost' as const, reason: 'terminated by a person\nmore' }];
  const some = summary('incomplete', [
    { number: 2, name: 'Users', worktree: worktree({}), tasks: [task(1)] },
    { number: 3, name: 'Pages', worktree: null, tasks: [] },
  ]);
  const steps = nextSteps(some, hint, { lost });
  expect(summaryText({ summary: some, steps, lost, link: null, colours })).toMatchInlineSnapshot(`
   "my-app: session 7 incomplete in 1 m 30 s, 0.50 USD
   1 task: 1 complete

   Epic 2 Users  lost: terminated by a person
     [x] T1 Task 1  1.2 s
   Epic 3 Pages

   What to do
     Epic 2 Users was lost: terminated by a person; its work is kept
       yokeflow run --project my-app --parallel"
  `);
});

describe('a paused session says what makes it go on', () => {
  const running = task(4, { status: 'running', costUsd: 0.1 });
  const paused = (statusReason: string | null, options: object = {}) => {
    const some = summary('paused', [{ number: 1, name: 'All', worktree: null, tasks: [running] }]);
    Object.assign(some.session, { statusReason, options, durationSeconds: null });
    return some;
  };

  it("the session's budget", () => {
    const some = paused("budget: the session's budget has $0.0012 left, and another turn may take $0.0100", {
      budgetUsd: 0.5,
    });
    expect(text(some)).toMatchInlineSnapshot(`
     "my-app: session 7 paused, 0.50 USD: budget: the session's budget has $0.0012 left, and another turn may take $0.0100
     1 task: 1 running

     Epic 1 All
       [>] T4 Task 4  running (1.2 s, 0.10 USD)

     What to do
       The session is paused: budget: the session's budget has $0.0012 left, and another turn may take $0.0100
         yokeflow budget USD --project my-app    # for the session, more than 0.50 USD

     Web UI: http://ui"
    `);
  });

  it.each([
    [
      "budget: the task's budget has $0.0012 left",
      [
        'yokeflow budget USD --project my-app --task 4    # for T4',
        'yokeflow budget USD --project my-app --per-task    # for each task, more than 0.10 USD',
      ],
    ],
    [
      'budget: the budget that was left is spent',
      [
        'yokeflow budget USD --project my-app    # for the session',
        'yokeflow budget USD --project my-app --task 4    # for T4',
        'yokeflow budget USD --project my-app --per-task    # for each task, more than 0.10 USD',
      ],
    ],
    [
      "budget: the price of gpt-9, the model of T4, is not known, so the session's budget cannot be kept",
      ['yokeflow cancel 4 --project my-app', 'yokeflow retry 4 --project my-app --model sonnet'],
    ],
    ['account: the API refuses: 401', ['yokeflow resume --project my-app']],
    ['limit: usage limit reached', ['yokeflow resume --project my-app']],
    ['by a person', ['yokeflow resume --project my-app']],
    [null, ['yokeflow resume --project my-app']],
  ])('%s', (reason, commands) => {
    const steps = nextSteps(paused(reason, { taskBudgetUsd: 0.1 }), hint);
    expect(steps).toEqual([{ problem: expect.stringContaining(reason ?? 'is paused'), commands }]);
  });
});

it('an epic that an earlier parallel session landed keeps its merge beside a sequential branch', () => {
  const merged = worktree({ status: 'removed', mergeCommit: '1234567890' });
  const all = summary('complete', [
    { number: 2, name: 'Users', worktree: merged, tasks: [task(1)] },
    { number: 3, name: 'Pages', worktree: null, tasks: [task(2)] },
  ]);
  all.session.options = { parallel: false };
  all.sequentialWorktree = worktree({ branchName: 'yokeflow-sequential' });
  expect(text(all)).toContain('Epic 2 Users  merged as 1234567\n');
  expect(text(all)).toContain('Epic 3 Pages  on branch yokeflow-sequential\n');
});
