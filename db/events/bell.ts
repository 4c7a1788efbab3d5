export interface Bell {
  ring(): void;
  /** Ends when the bell rings, if it rang since the last wait, after `ms` milliseconds, and on abort. */
  wait(ms: number): Promise<void>;
}

export function createBell(signal: AbortSignal): Bell {
  let rung = false;
  let wake: (() => void) | undefined;
  const ring = () => {
    rung = true;
    wake?.();
  };
  const wait = async (ms: number) => {
    if (!rung && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    rung = false;
  };
  signal.addEventListener('abort', ring, { once: true });
  return { ring, wait };
}
