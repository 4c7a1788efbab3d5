import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again until the answer is true. By a clock that nobody sets.
 * @returns false when it was not within `timeoutMs` milliseconds.
 */
export async function waitUntil(
  answer: () => Promise<boolean>,
  timeoutMs: number,
  everyMs = 50,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!(await answer())) {
    if (performance.now() > deadline) return false;
    await sleep(everyMs);
  }
  return true;
}
