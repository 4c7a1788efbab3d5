export type BarState =
  'complete' | 'failed' | 'cancelled' | 'running' | 'merged' | 'conflict' | 'wait' | 'merging';

/** Something that took time in a lane; times are milliseconds since the session's start. */
export interface Bar {
  from: number;
  to: number;
  state: BarState;
  label: string;
  /** What is told of it where there is room. */
  about: string;
  /** The task that it is a try at. */
  task: number | null;
}

export interface TimelineLane {
  epic: number;
  name: string;
  bars: Bar[];
}

export interface Timeline {
  totalMs: number;
  lanes: TimelineLane[];
  pauses: { from: number; to: number; reason: string }[];
  /** Epics in which nothing happened. */
  idle: number;
}

/** A time of the database as milliseconds since the session's start; null is its end. */
export type Clock = (iso: string | null) => number;
