import { setTimeout as sleep } from 'node:timers/promises';
import type { Connected } from '../cli/connect';
import { retriesOf } from '../session/retries';

const LOOK_MS = 15_000;
/** A worker that was restarted costs one try, a busy worktree another: nothing to tell anybody. */
const TELLING_TRIES = 3;

/**
 * Says of each trouble once what it is while a session is followed: a task that is tried again and again would only be
 * "running" otherwise. Settled after `signal` aborts.
 */
export async function watchRetries(
  connected: Pick<Connected, 'client'>,
  workflowId: string,
  {
    onNotice,
    signal,
    lookMs = LOOK_MS,
  }: { onNotice: (line: string) => void; signal: AbortSignal; lookMs?: number },
): Promise<void> {
  const told = new Set<string>();
  while (!signal.aborted) {
    await sleep(lookMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    for (const { what, tries, reason } of await retriesOf(connected.client, workflowId).catch(() => [])) {
      if (tries < TELLING_TRIES || told.has(reason)) continue;
      told.add(reason);
      onNotice(`${what} is tried again and again: ${reason}`);
    }
  }
}
