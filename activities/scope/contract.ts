import type { RetryRequest } from '../../domain/session/retry-request';
import type { RunOptions } from '../../domain/session/run-input';
import type { SessionResult } from '../../domain/session/session-result';

/**
 * What workflows ask of the outside world. Ids, numbers and short titles only: texts, logs and diffs stay in
 * PostgreSQL and git. Every activity may run again after a crash, and finds out by looking what is done already.
 */
export interface Activities {
  /** Checks project and repository, reconciles what earlier sessions left, and opens the session's row. */
  openSession(input: OpenSessionInput): Promise<OpenedSession>;
  /** The next page of the plan, in order of task number. */
  loadTasks(input: { sessionId: number; after: number }): Promise<TaskPage>;
  /** The plan's epics and the first page of its tasks, for a session that runs. */
  reloadPlan(input: { sessionId: number }): Promise<{ lanes: LaneRow[]; page: TaskPage }>;
  recordBatches(input: { sessionId: number; batches: number[][] }): Promise<void>;
  /**
   * Takes the worktree's lease, brings in dependencies, and runs the task's agent. Where no command verifies the task, it
   * also does what `completeTask` does.
   */
  runTask(input: TaskInput): Promise<TaskOutcome>;
  /** Verifies what the agent left, and makes it the task's one commit. */
  completeTask(input: TaskInput): Promise<TaskOutcome>;
  /**
   * Settles a task whose activity ended without an outcome: leftovers are snapshotted, the reason recorded. Says what
   * is on record then: the task may have completed before.
   */
  failTask(input: TaskInput & { reason: string }): Promise<TaskOutcome>;
  recordFailed(input: { sessionId: number; task: number; reason: string }): Promise<void>;
  recordBlocked(input: { sessionId: number; blocked: { task: number; reason: string }[] }): Promise<void>;
  recordUnblocked(input: { sessionId: number; tasks: number[] }): Promise<void>;
  recordSkipped(input: { sessionId: number; task: number }): Promise<void>;
  /** Keeps what a person asked for with a retry, for the task's further tries. */
  recordRetry(input: RetryRequest & { sessionId: number }): Promise<void>;
  recordPaused(input: { sessionId: number; paused: boolean; reason: string }): Promise<void>;
  recordConcurrency(input: { sessionId: number; maxConcurrency: number }): Promise<void>;
  /** Changes what the session, or one task of it, may cost; running agents ask anew before each turn. */
  recordBudget(input: {
    sessionId: number;
    budgetUsd?: number;
    taskBudgetUsd?: number;
    task?: number;
  }): Promise<void>;
  /**
   * Merges lanes into the base branch, as one and verified, or opens a pull request for them, or says what stands in the
   * way of which.
   */
  landStack(input: LandStackInput): Promise<StackOutcome>;
  /** One try of an agent at what keeps an epic from being merged: a conflict, or a merged tree that is red. */
  mendEpic(input: MendInput): Promise<TaskOutcome>;
  /** Why a lane cannot land, where the parent found that out. */
  recordHeld(input: RecordHeldInput): Promise<void>;
  /** Removes a landed worktree; fails closed, so that nothing unmerged ever goes. */
  cleanupWorktree(input: LaneInput): Promise<void>;
  /** Asks Temporal to cancel a workflow. */
  requestCancel(input: { workflowId: string; runId: string }): Promise<void>;
  /** Ends what is still open of the session and says what it came to. */
  closeSession(input: CloseSessionInput): Promise<SessionResult>;
}

export interface OpenSessionInput {
  options: RunOptions;
  workflowId: string;
  runId: string;
  /** Set when a session goes on after continue-as-new. */
  sessionId?: number;
}

export interface OpenedSession {
  sessionId: number;
  baseBranch: string;
  /** USD so far: a session that goes on with a fresh history has a past. */
  costUsd: number;
  lanes: LaneRow[];
  page: TaskPage;
  /** What the session may cost, as it stands now; null: no limit. */
  budgetUsd?: number | null;
  /** The server knows the search attributes that a session puts on itself. */
  searchAttributes?: boolean;
}

export interface LaneRow {
  /** Epic number; null is the worktree of sequential sessions. */
  epic: number | null;
  /** At most 40 characters. */
  name: string;
  /** Holds finished work that the base branch lacks. */
  unlanded: boolean;
  /** Its pull request is open and has all of that work: nothing is to be done about it. */
  pullRequest?: { number: number; url: string };
}

export interface TaskPage {
  tasks: TaskRow[];
  /** Pass as `after` for the next page; null when this was the last. */
  next: number | null;
}

export interface TaskRow {
  id: number;
  epic: number;
  priority: number;
  /** Hard dependencies. */
  dependsOn: number[];
  finished: boolean;
  /** Failed, or blocked by what failed, and why. */
  stopped?: { as: 'failed' | 'blocked'; reason: string };
  /** At most 40 characters. */
  title: string;
  /** The agent and model that will run it, for people to read. */
  agent: string;
}

export interface LaneInput {
  sessionId: number;
  epic: number | null;
}

export interface TaskInput extends LaneInput {
  task: number;
  /** Names this try for good: the same through every retry of its activities. */
  holder: string;
  /** From 1; a try that fails with `lastTry` fails the task. */
  try: number;
  lastTry: boolean;
}

export type TaskOutcome =
  /**
   * `complete`: its commit is made and recorded. Otherwise the agent is done, and `completeTask` comes next.
   * `costUsd`: of the task in this session, all its attempts together. `told`: the session knows it already.
   */
  | { kind: 'done'; complete?: boolean; told?: boolean; costUsd?: number }
  /** `again`: another try may help. */
  | { kind: 'failed'; reason: string; again: boolean; costUsd?: number }
  /** A dependency does not merge, and an agent may settle that: see `mendEpic`. The try does not count. */
  | { kind: 'conflict'; reason: string }
  /** The budget is used up, a usage limit lasts long, or the account is refused: the same try goes on after that. */
  | { kind: 'held'; why: 'budget' | 'limit' | 'account'; reason: string; forMs?: number };

/** How a task of a session ended. */
export interface TaskSettled {
  sessionId: number;
  task: number;
  outcome: 'complete' | 'failed';
  reason?: string;
  /** USD of the task in this session, all its attempts together. */
  costUsd?: number;
}

/** What a session has cost so far, and those of its tasks that cost something since the last news. In USD. */
export interface CostChanged {
  sessionId: number;
  totalUsd: number;
  tasks: { task: number; costUsd: number }[];
}

export interface MendInput {
  sessionId: number;
  epic: number;
  /** Names this try for good. */
  holder: string;
  try: number;
  lastTry: boolean;
  /** Set when a dependency of this task conflicts; otherwise it is about landing the epic. */
  task?: number;
  /** The verification that was red. */
  verification?: number;
}

export interface LandStackInput {
  sessionId: number;
  /**
   * In this order, first to last. `needs`: those before it whose commits it contains, without what one of these contains
   * as well.
   */
  stack: { epic: number | null; needs: (number | null)[] }[];
}

/** Lanes that are in none of the lists were merged, and are red. */
export interface StackOutcome {
  landed: LandedEpic[];
  /** Cannot land for a reason of their own. */
  held: HeldEpic[];
  /** Not merged this time: do not merge on top of the others, or contain one that does not. */
  deferred: (number | null)[];
  red: Red | null;
}

export interface LandedEpic {
  epic: number | null;
  outcome: 'landed' | 'nothing' | 'proposed';
  /** Of one that is proposed. */
  pullRequest?: { number: number; url: string };
}

export interface HeldEpic {
  epic: number | null;
  outcome: 'conflict' | 'blocked';
  reason: string;
  /** A person has begun to resolve it. */
  begun?: boolean;
}

export interface Red {
  reason: string;
  /** Its row in PostgreSQL, where the output is. */
  verification: number;
}

export interface RecordHeldInput extends LaneInput {
  outcome: 'conflict' | 'rejected' | 'blocked';
  reason: string;
  verification?: number;
}

export interface CloseSessionInput {
  sessionId: number;
  cancelled: boolean;
  /** Why the session could not run at all. */
  failure?: string;
  /** Lanes whose workflow ended without a result, and why. */
  lost?: { epic: number | null; reason: string }[];
}
