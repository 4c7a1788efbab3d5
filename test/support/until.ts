import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for as long as the test has time. */
export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await what())) await sleep(30);
}
