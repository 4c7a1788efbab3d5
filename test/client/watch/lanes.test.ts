import type { EpicSummary, SessionSummary, TaskSummary, WorktreeSummary } from '../../../db/session/summary';
import type { RunningAttempt } from '../../../db/task/running-attempts';
import { compose, type Sighting } from '../../../client/watch/compose';
import { createTold } from '../../../client/watch/told';
import type { PlanNames } from '../../../client/text/plan-names';
import { hintFor } from '../../../client/text/hint';
import type { EventType } from '../../../domain/session/events';
import type { TaskStatus } from '../../../domain/model';

const NOW = Date.parse('2026-01-02T03:04:05Z');
const names: PlanNames = {
  project: 'shop',
  task: (n) => `T${n}`,
  epic: (n) => `Epic ${n}`,
  knows: () => true,
};

const task = (number: number, status: TaskStatus): TaskSummary => ({
  ...{ number, title: `Task ${number}`, status, reason: null, output: null, durationMs: null },
  ...{ attempts: 1, commit: null, costUsd: 0, costUnknown: false },
});

const worktree = (
  status: WorktreeSummary['status'],
  rest: Partial<WorktreeSummary> = {},
): WorktreeSummary => ({
  ...{ status, branchName: 'epic-1', path: '/w', mergeCommit: null, conflict: null, blockedReason: null },
  ...{ failedOutput: null, pullRequest: null },
  ...rest,
});

const epic = (number: number, tasks: TaskSummary[], own: WorktreeSummary | null = null): EpicSummary => ({
  ...{ number, name: `Part ${number}`, worktree: own, tasks },
});

function sighting(
  epics: EpicSummary[],
  {
    options = { parallel: true, maxConcurrency: 3 },
    attempts = [],
    sequential = null,
  }: {
    options?: Record<string, unknown>;
    attempts?: RunningAttempt[];
    sequential?: WorktreeSummary | null;
  } = {},
): Sighting {
  const all = epics.flatMap(({ tasks }) => tasks);
  const tasks = { pending: 0, running: 0, complete: 0, failed: 0, blocked: 0, skipped: 0 };
  for (const { status } of all) tasks[status]++;
  const session = {
    ...{ id: 1, projectId: 1, project: 'shop', workflowId: 'w', runId: 'r', status: 'running' as const },
    ...{ statusReason: null, options, totalCostUsd: 0, costUnknown: false, durationSeconds: null },
    ...{ startedAt: '2026-01-02T03:00:00Z', endedAt: null, lastEventSeq: 1 },
  };
  const summary: SessionSummary = { session, tasks, epics, sequentialWorktree: sequential };
  const graph = epics.flatMap(({ number, tasks: own }) =>
    own.map((one) => ({ id: one.number, epic: number, priority: 100, dependsOn: [] })),
  );
  const batches = [
    {
      number: 1,
      tasks: all.map((one) => one.number),
      status: 'running' as const,
      startedAt: null,
      completedAt: null,
    },
  ];
  return { summary, steps: [], unlanded: null, batches, attempts, actions: new Map(), graph };
}

const attempt = (number: number, rest: Partial<RunningAttempt> = {}): RunningAttempt => ({
  ...{ task: number, epic: 1, number: 1, purpose: 'task' as const, agent: 'claude' as const, model: null },
  ...{ startedAt: '2026-01-02T03:04:00Z', costUsd: 0, costUnknown: false },
  ...rest,
});

function told(...events: [EventType, Record<string, unknown>, number | null][]) {
  const gathered = createTold(() => names, hintFor({}));
  for (const [index, [type, data, about]] of events.entries())
    gathered.take({ seq: index, type, sessionId: 1, epic: about, task: null, at: '', data });
  return gathered;
}

const lanes = (seen: Sighting, gathered = told()) =>
  compose(seen, gathered, NOW).lanes.map(({ number, state, why }) => [number, state, why]);

test('an agent that could not settle a merge leaves the lane in conflict, not merging', () => {
  const conflict = { during: 'landing' as const, files: [], ours: 'a', theirs: 'b' };
  const seen = sighting([epic(1, [task(1, 'complete')], worktree('conflict', { conflict }))]);
  const gathered = told(
    ['merge_started', { epics: [1] }, 1],
    ['merge_conflict', {}, 1],
    ['merge_started', { mend: 'started' }, 1],
    ['merge_started', { mend: 'failed', reason: 'markers are left' }, 1],
  );
  expect(lanes(seen, gathered)).toEqual([[1, 'trouble', 'merge conflict']]);
});

test('an epic that brought nothing to its merge has landed', () => {
  const seen = sighting([epic(1, [task(1, 'complete')], worktree('merged'))]);
  expect(lanes(seen, told(['merge_started', { epics: [1] }, 1]))).toEqual([[1, 'landed', 'landed']]);
});

test('an epic without a worktree that is done landed earlier: it waits for nothing', () => {
  const seen = sighting([
    epic(1, [task(1, 'complete')]),
    epic(2, [task(2, 'skipped')]),
    epic(3, [task(3, 'complete')], worktree('active')),
  ]);
  expect(lanes(seen)).toEqual([
    [1, 'landed', 'landed'],
    [2, 'landed', 'nothing to merge'],
    [3, 'finished', 'done, waits to be merged'],
  ]);
});

test('what one worktree serves lands with it, or does not', () => {
  const epics = [epic(1, [task(1, 'complete')]), epic(2, [task(2, 'pending')])];
  const sequential = (status: WorktreeSummary['status'], blockedReason: string | null = null) =>
    lanes(sighting(epics, { options: {}, sequential: worktree(status, { blockedReason }) }));
  expect(sequential('blocked', 'your checkout has a.js changed')).toEqual([
    [1, 'trouble', 'cannot land: your checkout has a.js changed'],
    [2, 'waiting', 'starts next'],
  ]);
  for (const status of ['merged', 'active'] as const)
    expect(sequential(status)[0]).toEqual([1, 'landed', 'landed']);
});

test('what landed before one worktree got stuck has landed', () => {
  const landed = { ...task(1, 'complete'), commit: 'a' };
  const waits = { ...task(2, 'complete'), commit: 'b' };
  const stuck = worktree('blocked', { blockedReason: 'a.js has changes' });
  const seen = sighting([epic(1, [landed]), epic(2, [waits])], { options: {}, sequential: stuck });
  expect(lanes({ ...seen, unlanded: new Set(['b']) })).toEqual([
    [1, 'landed', 'landed'],
    [2, 'trouble', 'cannot land: a.js has changes'],
  ]);
});

test('a task that has just ended, or is about to run, is no trouble', () => {
  expect(lanes(sighting([epic(1, [task(1, 'running')])]))).toEqual([[1, 'waiting', 'starts next']]);
});

test('an agent that settles a merge is not at work on the task that pays for it', () => {
  const seen = sighting([epic(1, [task(4, 'complete')], worktree('conflict'))], {
    attempts: [attempt(4, { purpose: 'merge', number: 2 })],
  });
  expect(compose(seen, told(), NOW).lanes[0]).toMatchObject({
    state: 'running',
    running: [{ what: 'its merge', by: 'claude' }],
  });
});

test('epics that the session leaves out are no part of the picture', () => {
  const epics = [epic(1, [task(1, 'complete'), task(2, 'pending')]), epic(2, [task(3, 'pending')])];
  const picture = compose(sighting(epics, { options: { parallel: true, epics: [1] } }), told(), NOW);
  expect(picture.lanes.map(({ number }) => number)).toEqual([1]);
  expect(picture.tasks).toMatchObject({ total: 2, done: 1 });
  expect(picture.batches).toEqual([{ number: 1, settled: 1, total: 2 }]);
});
