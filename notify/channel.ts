import type { Channel as ChannelName } from '../db/events/notifications';
import type { Notification } from '../domain/session/notification';

/** What came of an attempt. `unsent`: it certainly did not arrive, so it may be tried again. */
export type Delivery = { kind: 'sent' } | { kind: 'unsent' | 'failed'; reason: string };

/** A way to tell somebody. Never throws. */
export interface Channel {
  name: ChannelName;
  deliver(notification: Notification, signal: AbortSignal): Promise<Delivery>;
}
