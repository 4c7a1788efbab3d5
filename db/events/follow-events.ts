import { setTimeout as delay } from 'node:timers/promises';
import type { SessionEvent } from '../../domain/session/events';
import { createBell, type Bell } from './bell';
import type { Database } from '../connection/connection';
import { DatabaseUnavailable } from '../connection/errors';
import { listEvents } from './events';

export interface FollowOptions {
  sessionId: number;
  /** Start after this number; 0 for all. */
  after?: number;
  /** Called one event at a time, in order; what it throws ends the following. */
  onEvent: (event: SessionEvent) => void | Promise<void>;
  signal: AbortSignal;
  /** Called whenever it listens, from the first time on. */
  onConnect?: () => void;
  onDisconnect?: (error: DatabaseUnavailable) => void;
}

const PAGE = 500;
/** A notification may be lost with its connection: look anyway, this often. */
const POLL_MS = 5_000;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/**
 * Hands over every event of the session, each exactly once and in order, until `signal` aborts. A lost connection
 * is made again for as long as it takes; only the first one has to succeed at once.
 */
export async function followEvents(db: Database, options: FollowOptions): Promise<void> {
  for await (const event of eventStream(db, options)) {
    await options.onEvent(event);
    if (options.signal.aborted) return;
  }
}

type StreamOptions = Omit<FollowOptions, 'onEvent'>;

/** Where the stream is: what survives a reconnect. */
interface Position {
  after: number;
  connected: boolean;
}

async function* eventStream(db: Database, options: StreamOptions): AsyncGenerator<SessionEvent, void> {
  const { signal, onDisconnect } = options;
  const bell = createBell(signal);
  const position: Position = { after: options.after ?? 0, connected: false };
  let retryMs = FIRST_RETRY_MS;
  while (!signal.aborted) {
    const before = position.after;
    try {
      yield* listen(db, options, position, bell);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof DatabaseUnavailable) || !position.connected) throw error;
      onDisconnect?.(error);
    }
    if (signal.aborted) return;
    retryMs = position.after > before ? FIRST_RETRY_MS : Math.min(retryMs * 2, LONGEST_RETRY_MS);
    await delay(retryMs, undefined, { signal }).catch(() => {});
  }
}

/** Over one connection, to its end: listens first and reads then, so that nothing falls between the two. */
async function* listen(
  db: Database,
  { sessionId, signal, onConnect }: StreamOptions,
  position: Position,
  bell: Bell,
): AsyncGenerator<SessionEvent, void> {
  const connection = await db.connect();
  let lost = false;
  connection.onNotification((payload) => payload.startsWith(`${sessionId}:`) && bell.ring());
  connection.onEnd(() => {
    lost = true;
    bell.ring();
  });
  try {
    await connection.query('listen yokeflow_events');
    position.connected = true;
    onConnect?.();
    while (!signal.aborted) {
      if (lost) return;
      const events = await listEvents(db, { sessionId, after: position.after, limit: PAGE });
      for (const event of events) {
        position.after = event.seq;
        yield event;
      }
      if (events.length < PAGE) await bell.wait(POLL_MS);
    }
  } finally {
    await connection.end();
  }
}
