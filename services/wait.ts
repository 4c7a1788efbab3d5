import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again until the answer is true.
 * @returns false when it was not within `timeoutMs` milliseconds.
 */
export async function waitUntil(
  answer: () => Promise<boolean>,
  timeoutMs: number,
  everyMs = 50,
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (!(await answer())) {
    if (Date.now() > deadline) return false;
    await sleep(everyMs);
  }
  return true;
}
