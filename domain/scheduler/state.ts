import type { MergeQueue } from '../landing/merge-queue';
import type { SchedulingMode } from '../model';

/** One task as the scheduler sees it: numbers only, so that 10,000 of them stay small. */
export interface ScheduledTask {
  id: number;
  /** The worktree that it writes in. Two tasks of one lane never overlap. */
  lane: LaneId;
  priority: number;
  /** Hard dependencies only. */
  dependsOn: number[];
  /** `finished`: complete or skipped in an earlier session. `excluded`: not part of this session. */
  standing: 'todo' | 'finished' | 'excluded';
  /** It ended without being done before the session went on with a fresh history. */
  stopped?: { as: 'failed' | 'blocked'; reason: string };
  /** Batch number, from 1. */
  batch: number;
  /** Length in tasks of the longest chain that waits for this one. */
  remaining: number;
}

/** `epic-<number>`, or `sequential` when one worktree serves the whole session. */
export type LaneId = string;

export interface SchedulerConfig {
  maxConcurrency: number;
  scheduling: SchedulingMode;
  /** `wait`: a failed task or an unmerged epic keeps the session open for a person. */
  onFailure: 'continue' | 'wait';
  /** `agent`: an agent tries to settle what keeps an epic from landing, before it is left to a person. */
  onConflict: 'agent' | 'wait' | 'fail';
  /** Each lane is proposed by itself: lanes are not stacked. */
  pullRequests?: boolean;
  /** Of more workflows than this, those of lanes that have nothing to do for now are closed. */
  mostOpen?: number;
}

export type TaskState =
  'waiting' | 'ready' | 'running' | 'complete' | 'failed' | 'blocked' | 'skipped' | 'excluded';

/** How a lane's work ended up on the base branch, or why it did not. */
export type LaneOutcome =
  /** Its commits are on the base branch now. */
  | 'landed'
  /** There was nothing that the base branch lacked. */
  | 'nothing'
  /** Its pull request is open: somebody else merges it. */
  | 'proposed'
  /** It conflicts with the base branch: a person (or agent) resolves it in the worktree. */
  | 'conflict'
  /** The user's checkout stands in the way. */
  | 'blocked'
  /** The merged tree did not pass verification. */
  | 'rejected'
  /** Its agent has settled what kept it from landing. */
  | 'mended'
  /** Its agent could not. */
  | 'unmended'
  /** Not all of its tasks are complete, so it did not try. */
  | 'incomplete'
  | 'suspended'
  | 'cancelled'
  /** Its workflow ended without a result: terminated, timed out, or failed. */
  | 'lost';

export interface TaskEntry extends ScheduledTask {
  state: TaskState;
  /** Hard dependencies that are not settled well yet. */
  unmet: number;
  dependants: number[];
  reason: string | null;
  /** How many times its lane's workflow ended under it. */
  lost: number;
  /** Running, but its agent waits for the session to go on: no money, or a usage limit. */
  held: boolean;
  /** Running, and a person asked that it stops. */
  stopping: boolean;
}

export interface LaneEntry {
  id: LaneId;
  /** Ready tasks, best first once sorted by `compareReady`. */
  ready: number[];
  running: number | null;
  /** Tasks of the lane that are neither settled nor excluded. */
  unsettled: number;
  /** Has commits of this or an earlier session that the base branch lacks. */
  unlanded: boolean;
  /** A workflow is open for it. */
  open: boolean;
  landing: 'no' | 'queued' | 'granted';
  /** Its workflow was told to end. */
  closing: boolean;
  /** What keeps it from landing while an agent tries to settle that; null when none does. */
  mend: Mend | null;
  /** How often an agent has tried. */
  mends: number;
  /** The lane whose commits it contains and which cannot land. */
  blockedBy: LaneId | null;
  /** How many times its workflow ended while it mended. */
  lost: number;
  /** Lands what is complete even when other tasks of it failed: the sequential lane. */
  landsPartly: boolean;
  outcome: LaneOutcome | null;
  reason: string | null;
  tasks: number[];
}

/** What nobody but the session knows of a lane. */
export interface KeptLane {
  /** How often an agent has tried to get it landed. */
  mends?: number;
  /** A person cancelled it. */
  cancelled?: boolean;
}

export interface Mend {
  state: 'queued' | 'running' | 'held';
  outcome: 'conflict' | 'rejected';
  reason: string;
  /** The verification that was red. */
  verification?: number;
}

export interface SchedulerState {
  config: SchedulerConfig;
  tasks: Map<number, TaskEntry>;
  lanes: Map<LaneId, LaneEntry>;
  running: number;
  /** Lanes whose work is finished and has to land. */
  queue: MergeQueue;
  paused: boolean;
  /** Why, in words for people; null when not paused. */
  pauseReason: string | null;
  /** Nothing new starts: `suspend` before a continue-as-new, `cancel` for good. */
  stopping: 'no' | 'suspend' | 'cancel';
  /** Unsettled tasks per batch, index 0 unused. */
  batchOpen: number[];
  /** The batch that may run now; only `scheduling: 'batches'` looks at it. */
  batch: number;
  finished: boolean;
}

/** How a stack of lanes fared that was to land as one. Lanes that are in none of the lists were not merged, or red. */
export interface StackEnd {
  landed: LandedLane[];
  held: HeldLane[];
  /** Does not merge on top of the others, but with the base branch alone it would. */
  deferred: LaneId[];
  /** What was merged did not pass, or could not be tried to the end (`lost`). */
  red: { reason: string; verification?: number; lost?: boolean } | null;
}

export interface LandedLane {
  lane: LaneId;
  outcome: 'landed' | 'nothing' | 'proposed';
  /** Which pull request it is. */
  reason?: string;
}

export interface HeldLane {
  lane: LaneId;
  outcome: 'conflict' | 'blocked';
  reason: string;
  /** A person has begun to resolve it: it is theirs to finish. */
  begun?: boolean;
}

export type SchedulerEvent =
  | { type: 'begin' }
  | { type: 'taskSettled'; task: number; outcome: 'complete' | 'failed' | 'cancelled'; reason?: string }
  | { type: 'laneEnded'; lane: LaneId; outcome: LaneOutcome; reason?: string }
  /** `outdated`: what held it is not so any more, and it has not seen that. */
  | { type: 'taskHeld'; task: number; reason: string; outdated?: boolean }
  | { type: 'laneHeld'; lane: LaneId; reason: string; outdated?: boolean }
  | ({ type: 'stackEnded' } & StackEnd)
  | { type: 'pause'; reason?: string }
  /** `from`: only where this is how the reason of the pause begins. */
  | { type: 'resume'; from?: string }
  | { type: 'setMaxConcurrency'; maxConcurrency: number }
  | { type: 'retryTask'; task: number }
  | { type: 'skipTask'; task: number }
  | { type: 'cancelTask'; task: number }
  | { type: 'retryLanding'; lane: LaneId }
  /** The whole plan as it is now: see `changePlan`. */
  | { type: 'planChanged'; tasks: ScheduledTask[]; again?: number[] }
  | { type: 'stop'; how: 'suspend' | 'cancel' };

export type SchedulerCommand =
  | { type: 'startTask'; task: number; lane: LaneId }
  | { type: 'continueLane'; lane: LaneId }
  /** Its agent is to stop; the lane reports the task as failed when it has. */
  | { type: 'cancelTask'; task: number; lane: LaneId }
  /**
   * Merge these in this order, verify the result, and land it. `needs`: lanes before it in the stack that it contains,
   * without what one of these contains as well.
   */
  | { type: 'landStack'; stack: { lane: LaneId; needs: LaneId[] }[] }
  /** Let an agent settle what keeps the lane from landing. */
  | { type: 'mend'; lane: LaneId; verification?: number }
  /** A person has to see to a lane, and why: no activity has put that on record. */
  | {
      type: 'holdLane';
      lane: LaneId;
      outcome: 'conflict' | 'rejected' | 'blocked';
      reason: string;
      verification?: number;
    }
  | { type: 'closeLane'; lane: LaneId }
  | { type: 'cancelLanes' }
  /** A person has skipped it. */
  | { type: 'countAsDone'; task: number }
  /** A task that failed for a reason which no activity has put on record. */
  | { type: 'failTask'; task: number; reason: string }
  | { type: 'blockTasks'; tasks: { task: number; reason: string }[] }
  | { type: 'unblockTasks'; tasks: number[] }
  | { type: 'finish' };
