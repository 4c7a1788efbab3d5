import type { Client, WorkflowHandle } from '@temporalio/client';
import {
  cancelTaskUpdate,
  pauseUpdate,
  planChangedUpdate,
  resumeUpdate,
  retryMergeUpdate,
  retryTaskUpdate,
  setBudgetUpdate,
  setMaxConcurrencyUpdate,
  skipTaskUpdate,
} from '../../workflows/messages';
import { logged, untilCancelled, type FakeAnswers, type FakeWorld } from '../support/fake-world';
import { task } from '../support/guide-tasks';
import type { RandomTask } from '../support/random-plan';
import { until } from '../support/until';

/** One way through the workflows: its history is stored in `histories/<name>.json`, one for each workflow. */
export interface ReplayPath {
  name: string;
  input?: Record<string, unknown>;
  /** What the session carries from an earlier run of it. */
  continued?: Record<string, unknown>;
  /** Instead of the session's own. */
  workflowId?: (project: string) => string;
  plan?: RandomTask[];
  answers?: FakeAnswers;
  /** What happens while it runs. */
  meanwhile?: (handle: WorkflowHandle, world: FakeWorld, client: Client) => Promise<void>;
  /** How the session ends. */
  ends: 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'CONTINUED_AS_NEW';
}

const small: RandomTask[] = [task(1, 1), task(2, 1, [1]), task(3, 2, [1])];
const done = { kind: 'done' as const };
const red = { kind: 'failed' as const, reason: 'verify is red', again: true };

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), opened };
}

/** Anew for each recording: some remember what they have answered. */
export function replayPaths(): ReplayPath[] {
  const paused = gate();
  const busy = gate();
  const planning = gate();
  const growing = [...small];
  const lostOnce = new Set<number>();
  const settled: number[] = [];
  const resumed: number[] = [];
  let broke = false;
  let bad = true;
  let limited = false;
  let inTheWay = true;
  return [
    { name: 'regular', input: { parallel: true }, plan: small, ends: 'COMPLETED' },
    { name: 'squash', input: { parallel: true, mergeStrategy: 'squash' }, ends: 'COMPLETED' },
    {
      name: 'pull-requests',
      input: { parallel: true, pullRequests: true },
      answers: { land: () => 'proposed' },
      ends: 'COMPLETED',
    },
    { name: 'batches', input: { parallel: true, scheduling: 'batches' }, ends: 'COMPLETED' },
    { name: 'sequential', ends: 'COMPLETED' },
    { name: 'pages', input: { parallel: true }, answers: { pageSize: 1 }, ends: 'COMPLETED' },
    {
      name: 'nothing-to-do',
      input: { parallel: true },
      answers: { finished: [1, 2, 3] },
      ends: 'COMPLETED',
    },
    {
      name: 'failure',
      input: { parallel: true, maxAttempts: 2 },
      answers: { run: ({ task: id }) => (id === 1 ? red : done) },
      ends: 'FAILED',
    },
    {
      name: 'retry-and-skip',
      input: { parallel: true, maxAttempts: 1, onFailure: 'wait' },
      answers: { run: ({ task: id }) => ((id === 2 && bad) || id === 3 ? red : done) },
      async meanwhile(handle, world) {
        await logged(world, 'run 3');
        await until(() => world.log.includes('run 2'));
        bad = false;
        await tryUntilAccepted(() => handle.executeUpdate(retryTaskUpdate, { args: [2] }));
        await tryUntilAccepted(() => handle.executeUpdate(skipTaskUpdate, { args: [3] }));
      },
      ends: 'FAILED',
    },
    {
      name: 'conflict',
      input: { parallel: true },
      answers: { land: (epic) => (epic === 2 ? 'conflict' : 'landed') },
      ends: 'FAILED',
    },
    {
      name: 'mended',
      input: { parallel: true },
      answers: ((): FakeAnswers => {
        let conflicts = 1;
        return {
          land: (epic) => (epic === 2 && conflicts-- > 0 ? 'conflict' : 'landed'),
          mend: ({ try: number }) => (number === 1 ? red : done),
        };
      })(),
      ends: 'COMPLETED',
    },
    {
      name: 'red-landing',
      input: { parallel: true },
      answers: { land: (epic) => (epic === 2 ? 'red' : 'landed') },
      ends: 'FAILED',
    },
    {
      name: 'cancel',
      input: { parallel: true },
      answers: { run: untilCancelled },
      async meanwhile(handle, world) {
        await logged(world, 'run 1');
        await handle.cancel();
      },
      ends: 'CANCELLED',
    },
    {
      name: 'search-attributes',
      input: { parallel: true, maxAttempts: 1 },
      answers: {
        searchAttributes: true,
        run: ({ task: id }) => (id === 3 ? { kind: 'failed', reason: 'boom', again: false } : done),
      },
      ends: 'FAILED',
    },
    {
      name: 'pause-and-resume',
      input: { parallel: true },
      answers: { run: ({ task: id }) => (id === 1 ? paused.opened.then(() => done) : done) },
      async meanwhile(handle, world) {
        await logged(world, 'run 1');
        await handle.executeUpdate(pauseUpdate);
        await handle.executeUpdate(setMaxConcurrencyUpdate, { args: [2] });
        paused.open();
        await logged(world, 'commit 1');
        await handle.executeUpdate(resumeUpdate);
      },
      ends: 'COMPLETED',
    },
    {
      name: 'held-by-budget',
      input: { parallel: true, budgetUsd: 1 },
      answers: {
        run() {
          if (broke) return done;
          broke = true;
          return { kind: 'held', why: 'budget', reason: 'used up' };
        },
      },
      async meanwhile(handle, world) {
        await logged(world, 'pause');
        await handle.executeUpdate(setBudgetUpdate, { args: [5] });
      },
      ends: 'COMPLETED',
    },
    {
      name: 'held-while-it-mends-a-task',
      input: { parallel: true, budgetUsd: 1 },
      answers: ((): FakeAnswers => {
        let conflicts = 1;
        let holds = 1;
        return {
          run: ({ task: id }) =>
            id === 3 && conflicts-- > 0 ? { kind: 'conflict', reason: 'conflicts in a.txt' } : done,
          mend: () => (holds-- > 0 ? { kind: 'held', why: 'budget', reason: 'used up' } : done),
        };
      })(),
      async meanwhile(handle, world) {
        await logged(world, 'pause');
        await handle.executeUpdate(setBudgetUpdate, { args: [5] });
      },
      ends: 'COMPLETED',
    },
    {
      name: 'held-by-limit',
      input: { parallel: true },
      answers: {
        run() {
          if (limited) return done;
          limited = true;
          return { kind: 'held', why: 'limit', reason: 'usage limit', forMs: 500 };
        },
      },
      ends: 'COMPLETED',
    },
    {
      name: 'cancel-task',
      input: { parallel: true },
      answers: { run: ({ task: id }) => (id === 2 ? untilCancelled() : done) },
      async meanwhile(handle, world) {
        await logged(world, 'run 2');
        await handle.executeUpdate(cancelTaskUpdate, { args: [2] });
      },
      ends: 'FAILED',
    },
    {
      name: 'retry-merge',
      input: { parallel: true, onConflict: 'wait', onFailure: 'wait' },
      answers: { land: (epic) => (epic === 2 && inTheWay ? 'blocked' : 'landed') },
      async meanwhile(handle, world) {
        await logged(world, 'land 2');
        inTheWay = false;
        await tryUntilAccepted(() => handle.executeUpdate(retryMergeUpdate, { args: [2] }));
      },
      ends: 'COMPLETED',
    },
    {
      name: 'plan-changed',
      input: { parallel: true },
      plan: growing,
      answers: { run: ({ task: id }) => (id === 3 ? planning.opened.then(() => done) : done) },
      async meanwhile(handle, world) {
        await logged(world, 'run 3');
        growing.push(task(4, 2, [3]));
        await handle.executeUpdate(planChangedUpdate);
        planning.open();
      },
      ends: 'COMPLETED',
    },
    {
      name: 'lost-epic',
      input: { parallel: true },
      answers: {
        run({ task: id }) {
          if (id !== 2 || lostOnce.has(id)) return done;
          lostOnce.add(id);
          return untilCancelled();
        },
      },
      async meanwhile(handle, world, client) {
        await logged(world, 'run 2');
        await client.workflow.getHandle(`${handle.workflowId}/epic-1`).terminate('by a person');
      },
      ends: 'COMPLETED',
    },
    {
      name: 'paused-over-continue-as-new',
      input: { parallel: true },
      continued: { drainAtEvents: 40, pauseReason: 'by a person' },
      answers: {
        finished: resumed,
        run({ task: id }) {
          resumed.push(id);
          return done;
        },
      },
      async meanwhile({ workflowId }, world, client) {
        const session = client.workflow.getHandle(workflowId);
        const opened = () => world.log.filter((line) => line === 'open').length;
        while (opened() < 2) await session.executeUpdate(pauseUpdate).catch(() => undefined);
        await tryUntilAccepted(() => session.executeUpdate(resumeUpdate));
      },
      ends: 'CONTINUED_AS_NEW',
    },
    {
      name: 'continue-as-new',
      input: { parallel: true },
      plan: Array.from({ length: 12 }, (_, index) => task(index + 1, (index % 2) + 1)),
      continued: { drainAtEvents: 45, maxConcurrency: 2 },
      answers: {
        finished: settled,
        run({ task: id }) {
          settled.push(id);
          return done;
        },
      },
      ends: 'CONTINUED_AS_NEW',
    },
    {
      name: 'started-by-a-schedule',
      input: { parallel: true },
      workflowId: (project) => `yokeflow-${project}-nightly`,
      ends: 'COMPLETED',
    },
    {
      name: 'project-busy',
      workflowId: (project) => `yokeflow-${project}-nightly`,
      input: { parallel: true, project: 'replay-busy' },
      answers: { run: () => busy.opened.then(() => done) },
      ends: 'FAILED',
    },
    { name: 'invalid-input', input: { maxConcurrency: 99 }, ends: 'FAILED' },
  ];
}

/** The plan of a path that names none. */
export const planOfPath = ({ plan = small }: ReplayPath): RandomTask[] => plan;

async function tryUntilAccepted(update: () => Promise<unknown>): Promise<void> {
  for (;;) {
    const accepted = await update().then(
      () => true,
      () => false,
    );
    if (accepted) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
