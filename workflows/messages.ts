/** The contract of the workflows: names, ids and messages. Others rely on it; see docs/architecture.md. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CostChanged, TaskSettled } from '../activities/scope/contract';
import { COST_CHANGED, TASK_SETTLED } from '../domain/session/signals';
import type { LaneOutcome } from '../domain/scheduler';
import type { StatusView } from '../domain/session/status-view';

/**
 * A field of the memo of a `runProject` that runs under another id than its session's. `complete`: where a session is
 * open already it ends as Completed, not with `ProjectBusy`.
 */
export const WHEN_BUSY = 'whenBusy';

export const RUN_PROJECT = 'runProject';

/** A session's workflow id, and its lock: Temporal keeps at most one open. */
export const sessionWorkflowId = (project: string): string => `yokeflow-${project}`;

/** The workflow id of an epic within its session; null is the lane of a sequential session. */
export const epicWorkflowId = (project: string, epic: number | null): string =>
  `${sessionWorkflowId(project)}/${laneId(epic)}`;

export const SEQUENTIAL_LANE = 'sequential';
export const laneId = (epic: number | null): string => (epic === null ? SEQUENTIAL_LANE : `epic-${epic}`);

/** Parent to epic: what to do next. */
export type Order =
  | { kind: 'task'; task: number; title: string; agent: string }
  /** Stop this task alone. */
  | { kind: 'cancel'; task: number }
  /** Go on with what was held. */
  | { kind: 'continue' }
  /** Let an agent settle what keeps the epic from landing: its conflict, or this verification that was red. */
  | { kind: 'mend'; verification?: number }
  | { kind: 'close'; outcome: LaneOutcome };

/** Epic to parent: a task, or the mending of the epic (`task` null), cannot go on for now. */
export interface TaskHeld {
  sessionId: number;
  epic: number | null;
  task: number | null;
  why: 'budget' | 'limit' | 'account';
  reason: string;
  /** Milliseconds until the limit ends. */
  forMs?: number;
}

export const orderSignal = defineSignal<[Order]>('order');
/** From the activity that completed the task, or else from its epic; of two for one task the later one says nothing new. */
export const taskSettledSignal = defineSignal<[TaskSettled]>(TASK_SETTLED);
export const taskHeldSignal = defineSignal<[TaskHeld]>('taskHeld');

/** From the agents of a session, every now and then. */
export const costChangedSignal = defineSignal<[CostChanged]>(COST_CHANGED);

export const statusQuery = defineQuery<StatusView>('status');

/** People write `7`, `"T7"` or `{"task":7}`; epics likewise. */
export type NumberInput = number | string | { task?: number; epic?: number };

export const pauseUpdate = defineUpdate<string, []>('pause');
export const resumeUpdate = defineUpdate<string, []>('resume');
export const setMaxConcurrencyUpdate = defineUpdate<string, [number | { maxConcurrency: number }]>(
  'setMaxConcurrency',
);
/** USD for the session; or one or more of session, every task, and one task. */
export type BudgetInput = number | { budgetUsd?: number; taskBudgetUsd?: number; task?: number | string };
export const setBudgetUpdate = defineUpdate<string, [BudgetInput]>('setBudget');
/** With a text, and another model, for the task's further tries. */
export type RetryInput = NumberInput | { task: number | string; instructions?: string; model?: string };
export const retryTaskUpdate = defineUpdate<string, [RetryInput]>('retryTask');
export const cancelTaskUpdate = defineUpdate<string, [NumberInput]>('cancelTask');
export const skipTaskUpdate = defineUpdate<string, [NumberInput]>('skipTask');
/** The plan was edited: load it again. Answers with what joined the session. */
export const planChangedUpdate = defineUpdate<string, []>('planChanged');
export const retryMergeUpdate = defineUpdate<string, [NumberInput]>('retryMerge');
