import type { SessionStatus } from '../../domain/model';
import type { NextStep } from '../status/next-step';

/** Everything that the live view shows, at one moment. Texts are harmless already. */
export interface Picture {
  project: string;
  sessionId: number;
  status: SessionStatus;
  /** Why it is paused. */
  reason: string | null;
  elapsedMs: number;
  costUsd: number;
  costUnknown: boolean;
  tasks: { total: number; done: number; failed: number; blocked: number };
  /** Agents that work now. */
  agents: number;
  batches: { number: number; settled: number; total: number }[];
  lanes: LanePicture[];
  /** Null while nothing is known of how long tasks take. */
  forecast: { ms: number; criticalPath: number[] } | null;
  steps: NextStep[];
  /** The latest events in words, the oldest first. */
  recent: string[];
  /** About the connection or the worker. */
  notices: string[];
}

/** `trouble`: a person has to look at it. `finished`: all tasks done, not landed yet. */
export type LaneState = 'running' | 'merging' | 'trouble' | 'finished' | 'waiting' | 'proposed' | 'landed';

/** One epic. */
export interface LanePicture {
  number: number;
  name: string;
  state: LaneState;
  done: number;
  total: number;
  /** What it waits for, or what is wrong with it. */
  why: string;
  running: RunningPicture[];
}

export interface RunningPicture {
  /** `T4 Login form`, or `its merge`, which an agent settles. */
  what: string;
  elapsedMs: number;
  /** `sonnet, try 2` */
  by: string;
  costUsd: number;
  costUnknown: boolean;
  /** What the agent did last. */
  action: string | null;
}
