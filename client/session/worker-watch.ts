import type { Client } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { livePollers } from '../../services/temporal/pollers';
import type { Connected } from '../cli/connect';
import { withOwnSignal } from '../cli/own-signal';

/** Silence after which it is worth asking whether any worker runs. */
const SILENCE_MS = 10_000;
const QUESTION_LASTS_MS = 5_000;

/**
 * Says that no worker seems to run, once until one gives a sign of life: when a session has not begun within ten seconds, or is silent for ten
 * while nobody polls its task queue. `seen` reports a sign of life; `stopped` is settled after `signal` aborts.
 */
export function watchWorkers(
  connected: Pick<Connected, 'client'>,
  { onNotice, signal }: { onNotice: (line: string) => void; signal: AbortSignal },
): { seen: () => void; stopped: Promise<void> } {
  let lastSign = Date.now();
  let begun = false;
  let told = false;
  const watch = async () => {
    for (;;) {
      const silent = Date.now() - lastSign;
      await sleep(Math.max(SILENCE_MS - silent, 1_000), undefined, { signal });
      if (told || Date.now() - lastSign < SILENCE_MS) continue;
      if (begun && (await isPolled(connected.client, signal)) !== false) continue;
      onNotice(
        'no worker seems to run, so the session waits: see the worker.log in the logs folder of YOKEFLOW_HOME ' +
          '(~/.yokeflow), or start one with yokeflow worker',
      );
      told = true;
    }
  };
  const seen = () => {
    lastSign = Date.now();
    begun = true;
    told = false;
  };
  return { seen, stopped: watch().catch(() => undefined) };
}

/** Whether a worker polled for workflows lately; null when the server does not say. */
export async function isPolled(client: Client, signal: AbortSignal): Promise<boolean | null> {
  try {
    const pollers = await withOwnSignal(signal, (own) =>
      client.withAbortSignal(own, () =>
        client.withDeadline(Date.now() + QUESTION_LASTS_MS, () => livePollers(client)),
      ),
    );
    return pollers.length > 0;
  } catch {
    return null;
  }
}
