import { sleep } from '@temporalio/workflow';

/** A version of YokeFlow whose sessions none of today can go on with. */
export async function runProject(): Promise<void> {
  await sleep('1 hour');
}
