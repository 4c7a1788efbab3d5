/**
 * Time in which the machine is awake. Clocks and timers of Node go on while a Mac sleeps or a virtual machine is paused:
 * an agent that had half an hour left would have none when the lid is opened.
 */

/** What is longer than two of these was slept through. */
const STEP_MS = 10_000;

/** Calls `work` after `ms`, and returns what keeps it from that. */
export function afterAwake(ms: number, work: () => void): () => void {
  let left = Math.max(ms, 0);
  let timer: NodeJS.Timeout;
  const next = () => {
    const step = Math.min(left, STEP_MS);
    left -= step;
    timer = setTimeout(left > 0 ? next : work, step);
  };
  next();
  return () => clearTimeout(timer);
}

/** Counts the milliseconds from now on, up to `stop`. */
export function awakeStopwatch(): { ms(): number; stop(): void } {
  let counted = 0;
  let last = performance.now();
  const ms = () => {
    const now = performance.now();
    counted += Math.min(now - last, 2 * STEP_MS);
    last = now;
    return counted;
  };
  const timer = setInterval(ms, STEP_MS).unref();
  return { ms, stop: () => clearInterval(timer) };
}
