import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { requestCancel } from '../../activities/session/request-cancel';
import type {
  Activities,
  LaneRow,
  MendInput,
  StackOutcome,
  TaskInput,
  TaskOutcome,
} from '../../activities/scope/contract';
import type { SessionResult } from '../../domain/session/session-result';
import type { RandomTask } from './random-plan';
import { until } from './until';

export interface FakeWorld {
  activities: Activities;
  /** Everything that was asked, in order: `run 3`, `commit 3`, `land 1`, `close` ... */
  log: string[];
  /** How many tasks ran at once, at most; in total and in one epic. */
  peak: { total: number; lane: number };
  notes: { blocked: { task: number; reason: string }[]; batches: number[][] };
}

export interface FakeAnswers {
  run?(input: TaskInput): Promise<TaskOutcome> | TaskOutcome;
  /** Default: landed. A stack is red if one of its epics is. */
  land?(epic: number | null): 'landed' | 'proposed' | 'conflict' | 'blocked' | 'red';
  /** Default: nobody can. */
  mend?(input: MendInput): TaskOutcome;
  /** Epics with finished work from an earlier session that the base branch lacks. */
  unlanded?: number[];
  finished?: number[];
  pageSize?: number;
  /** The server knows them. */
  searchAttributes?: boolean;
}

/** The outside world of a session, without one: plans in memory, answers as the test says. */
export function fakeWorld(plan: RandomTask[], answers: FakeAnswers = {}): FakeWorld {
  const log: string[] = [];
  const peak = { total: 0, lane: 0 };
  const notes: FakeWorld['notes'] = { blocked: [], batches: [] };
  const running: (number | null)[] = [];
  const failed = new Set<number>();
  const blocked = new Set<number>();
  const page = (after: number) => {
    const rest = plan.filter((task) => task.id > after);
    const tasks = rest.slice(0, answers.pageSize ?? 1000);
    return {
      tasks: tasks.map((task) => ({
        ...task,
        finished: answers.finished?.includes(task.id) ?? false,
        ...(failed.has(task.id) ? { stopped: { as: 'failed' as const, reason: 'it failed' } } : {}),
        ...(blocked.has(task.id) ? { stopped: { as: 'blocked' as const, reason: 'it is blocked' } } : {}),
        title: `Task ${task.id}`,
        agent: 'script',
      })),
      next: rest.length > tasks.length ? tasks.at(-1)!.id : null,
    };
  };
  const landed = new Set<number | null>();
  /** Epics with a commit that the base branch lacks: what git would say. */
  const ahead = new Set<number | null>(answers.unlanded);

  const activities: Activities = {
    openSession: async ({ options }) => {
      if (options.project === 'unknown') {
        throw ApplicationFailure.nonRetryable('project: "unknown" is not imported', 'InvalidInput');
      }
      log.push('open');
      const epics: LaneRow[] = [...new Set(plan.map((task) => task.epic))].map((epic) => ({
        epic,
        name: `Epic ${epic}`,
        unlanded: ahead.has(epic),
      }));
      epics.push({ epic: null, name: 'Sequential', unlanded: ahead.has(null) });
      const { searchAttributes = false } = answers;
      return {
        ...{ sessionId: 1, baseBranch: 'main', costUsd: 0, lanes: epics, page: page(0) },
        searchAttributes,
      };
    },
    loadTasks: async ({ after }) => page(after),
    reloadPlan: async () => ({
      lanes: [...new Set(plan.map((task) => task.epic))].map((epic) => ({
        epic,
        name: `Epic ${epic}`,
        unlanded: ahead.has(epic),
      })),
      page: page(0),
    }),
    recordBatches: async ({ batches }) => void (notes.batches = batches),
    runTask: async (input) => {
      log.push(`run ${input.task}`);
      running.push(input.epic);
      peak.total = Math.max(peak.total, running.length);
      peak.lane = Math.max(peak.lane, running.filter((epic) => epic === input.epic).length);
      try {
        const outcome = (await answers.run?.(input)) ?? { kind: 'done' as const };
        if (outcome.kind === 'failed' && (input.lastTry || !outcome.again)) failed.add(input.task);
        if (outcome.kind === 'done' && outcome.complete) ahead.add(input.epic);
        return outcome;
      } finally {
        running.splice(running.indexOf(input.epic), 1);
      }
    },
    completeTask: async ({ task, epic }) => {
      log.push(`commit ${task}`);
      failed.delete(task);
      ahead.add(epic);
      return { kind: 'done' };
    },
    failTask: async ({ task, reason }) => {
      failed.add(task);
      log.push(`fail ${task}: ${reason}`);
      return { kind: 'failed', reason, again: false };
    },
    recordFailed: async ({ task, reason }) => {
      failed.add(task);
      log.push(`lost ${task}: ${reason}`);
    },
    recordBlocked: async ({ blocked: tasks }) => {
      notes.blocked.push(...tasks);
      for (const { task } of tasks) blocked.add(task);
    },
    recordUnblocked: async ({ tasks }) => {
      log.push(`unblock ${tasks.join(' ')}`);
      for (const task of tasks) blocked.delete(task);
    },
    recordSkipped: async ({ task }) => {
      failed.delete(task);
      log.push(`skip ${task}`);
    },
    recordRetry: async ({ task, instructions, model }) =>
      void log.push(`retry ${task}: ${instructions ?? '-'}, ${model ?? '-'}`),
    recordBudget: async ({ budgetUsd }) => void log.push(`budget ${budgetUsd}`),
    recordConcurrency: async ({ maxConcurrency }) => void log.push(`concurrency ${maxConcurrency}`),
    recordPaused: async ({ paused }) => void log.push(paused ? 'pause' : 'resume'),
    landStack: async ({ stack }) => {
      const epics = stack.map(({ epic }) => epic);
      log.push(`land ${epics.map(String).join(' ')}`);
      const answer = epics.map((epic) => ({ epic, is: answers.land?.(epic) ?? 'landed' }));
      const red = answer.some(({ is }) => is === 'red');
      const outcome: StackOutcome = { landed: [], held: [], deferred: [], red: null };
      if (red) outcome.red = { reason: 'verify is red', verification: 7 };
      for (const { epic, is } of answer) {
        if (is === 'conflict' || is === 'blocked')
          outcome.held.push({ epic, outcome: is, reason: `is ${is}` });
        else if (!red) {
          const pullRequest = { number: 11, url: 'https://github.com/me/app/pull/11' };
          outcome.landed.push(
            is === 'proposed' ? { epic, outcome: is, pullRequest } : { epic, outcome: 'landed' },
          );
          landed.add(epic);
          ahead.delete(epic);
        }
      }
      return outcome;
    },
    mendEpic: async (input) => {
      log.push(`mend ${input.epic}`);
      return answers.mend?.(input) ?? { kind: 'failed', reason: '', again: false };
    },
    recordHeld: async ({ epic, outcome, reason }) => void log.push(`${outcome} ${epic}: ${reason}`),
    cleanupWorktree: async ({ epic }) => void log.push(`clean ${epic}`),
    requestCancel,
    closeSession: async ({ cancelled, failure }) => {
      log.push(failure ? `close: ${failure}` : 'close');
      const lanes = new Set<number | null>(plan.map((task) => task.epic));
      const whole = failed.size === 0 && ([...lanes].every((epic) => landed.has(epic)) || landed.has(null));
      const nothing = (answers.finished?.length ?? 0) === plan.length;
      return resultOf(cancelled ? 'cancelled' : whole || nothing ? 'complete' : 'incomplete');
    },
  };
  return { activities, log, peak, notes };
}

const resultOf = (status: SessionResult['status']): SessionResult => ({
  sessionId: 1,
  project: 'demo',
  status,
  tasks: { complete: 0, skipped: 0, failed: 0, blocked: 0, pending: 0 },
  epics: [],
  problems: [],
  durationSeconds: 0,
  costUsd: 0,
  notes: [],
});

/** An agent that works until it is cancelled, the way a real one does: with a heartbeat. */
export async function untilCancelled(): Promise<never> {
  const beat = setInterval(() => Context.current().heartbeat(), 200);
  try {
    return await Context.current().cancelled;
  } finally {
    clearInterval(beat);
  }
}

/** Until an activity has said this. */
export const logged = (world: FakeWorld, line: string): Promise<void> =>
  until(() => world.log.includes(line));
