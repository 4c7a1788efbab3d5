import { afterAwake } from '../process/awake';

/** A signal that follows another one, and also aborts by itself after `ms`. */
export interface TimeLimit {
  signal: AbortSignal;
  /** True when it was the time that ended it. */
  expired(): boolean;
  stop(): void;
}

export function timeLimit(parent: AbortSignal, ms: number): TimeLimit {
  const controller = new AbortController();
  let expired = false;
  const follow = () => controller.abort(parent.reason);
  const expire = () => {
    expired = !parent.aborted;
    controller.abort(new Error('out of time'));
  };
  const stopTimer = afterAwake(ms, expire);
  parent.addEventListener('abort', follow, { once: true });
  if (parent.aborted) follow();
  return {
    signal: controller.signal,
    expired: () => expired,
    stop() {
      stopTimer();
      parent.removeEventListener('abort', follow);
    },
  };
}
