import { afterAwake } from '../process/awake';

const MINUTE = 60_000;

/** How long a CLI may say nothing, in milliseconds. */
export interface SilenceLimits {
  /** While no tool of its own is at work: a single long answer is on the way, or it hangs. */
  inWork: number;
  /** After it has told how it ended: tasks in the background may go on for a while. */
  afterEnd: number;
}

export const USUAL_SILENCE: SilenceLimits = { inWork: 30 * MINUTE, afterEnd: 5 * MINUTE };

/** Notices that a CLI hangs, which would otherwise cost its task all the time that it has. */
export interface SilenceWatch {
  /** It said something, and may now be silent for this long; null: for as long as it likes. */
  heard(limit: number | null): void;
  stop(): void;
}

export function watchSilence(onSilence: (ms: number) => void): SilenceWatch {
  let stopTimer: (() => void) | undefined;
  const stop = () => stopTimer?.();
  return {
    heard(limit) {
      stop();
      stopTimer = limit === null ? undefined : afterAwake(limit, () => onSilence(limit));
    },
    stop,
  };
}
