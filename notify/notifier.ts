import { setTimeout as sleep } from 'node:timers/promises';
import type { Queryable } from '../db/connection/connection';
import { notificationClaims, releaseNotification, settleNotification } from '../db/events/notifications';
import { notificationOf, type NewsEvent } from '../domain/session/notification';
import type { Channel } from './channel';

export interface NotifierOptions {
  db: Queryable;
  channels: readonly Channel[];
  redact: (text: string) => string;
  /** One line about what went wrong. */
  log: (line: string) => void;
  /** How often to look, and how long to wait before each further try; tests are less patient. */
  lookMs?: number;
  retryMs?: readonly number[];
}

const LOOK_MS = 2_000;
const RETRY_MS = [2_000, 10_000, 60_000];

/**
 * Tells people of events, beside the worker's other work: what goes wrong here is logged, and neither delays nor fails
 * a session. Each channel goes by itself, one event after the other.
 */
export function startNotifier(options: NotifierOptions): { stop(): Promise<void> } {
  const over = new AbortController();
  const running = options.channels.map((channel) => tellAll(options, channel, over.signal));
  return {
    async stop() {
      over.abort();
      await Promise.all(running);
    },
  };
}

async function tellAll(options: NotifierOptions, channel: Channel, signal: AbortSignal): Promise<void> {
  const next = notificationClaims(options.db, channel.name);
  let troubled = false;
  while (!signal.aborted) {
    try {
      while (!signal.aborted && (await tellNext(options, channel, { next, signal })));
      troubled = false;
    } catch (error) {
      if (!troubled) options.log(`notifications by ${channel.name} wait: ${String(error)}`);
      troubled = true;
    }
    await pause(options.lookMs ?? LOOK_MS, signal);
  }
}

/** False when there is nothing to tell. */
async function tellNext(
  options: NotifierOptions,
  channel: Channel,
  { next, signal }: { next: () => Promise<NewsEvent | null>; signal: AbortSignal },
): Promise<boolean> {
  const { db, redact, log } = options;
  const event = await next();
  if (!event) return false;
  const claim = { sessionId: event.sessionId, seq: event.seq, channel: channel.name };
  const notification = notificationOf(event, redact);
  for (const wait of [...(options.retryMs ?? RETRY_MS), null]) {
    if (signal.aborted) break;
    const delivery = await channel.deliver(notification, signal);
    if (delivery.kind === 'sent') {
      await settleNotification(db, { ...claim, reason: null });
      return true;
    }
    if (delivery.kind === 'unsent' && signal.aborted) break;
    if (delivery.kind === 'unsent' && wait !== null) {
      await pause(wait, signal);
      continue;
    }
    const reason = redact(delivery.reason);
    log(`notification ${notification.id} by ${channel.name} failed: ${reason}`);
    await settleNotification(db, { ...claim, reason });
    return true;
  }
  await releaseNotification(db, claim);
  return false;
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined);
