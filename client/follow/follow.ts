import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseUnavailable } from '../../db/connection/errors';
import { listEvents } from '../../db/events/events';
import { followEvents } from '../../db/events/follow-events';
import { findSessionOfRun, type Session } from '../../db/session/sessions';
import type { SessionEvent } from '../../domain/session/events';
import { aborted } from '../cli/aborted';
import type { Connected } from '../cli/connect';
import type { SessionRef } from '../session/session';
import { watchRetries } from './retry-watch';
import { sessionEnd, type SessionEnd } from '../session/session-end';
import { watchWorkers } from '../session/worker-watch';

export interface Watcher {
  /** Every event of the session, each exactly once and in order. */
  onEvent: (event: SessionEvent) => void | Promise<void>;
  /** One line about the connection or the worker, for a person. */
  onNotice: (line: string) => void;
  /** Stops following; the session goes on. */
  signal: AbortSignal;
}

export interface Followed {
  end: SessionEnd;
  /** Null when the session ended before it was opened in the database. */
  sessionId: number | null;
}

const LOOK_MS = 200;
const RETRY_MS = 1_000;
const PAGE = 500;
/** PostgreSQL that has answered for so long is well: what comes then is another outage. */
const STEADY_MS = 10_000;

/** Follows a session from its first event to its end. Throws what `onEvent` throws. */
export async function followSession(
  connected: Connected,
  session: SessionRef,
  watcher: Watcher,
  { steadyMs = STEADY_MS }: { steadyMs?: number } = {},
): Promise<Followed> {
  const over = new AbortController();
  // Not AbortSignal.any: Node 20 may collect what it returns while somebody still listens.
  const stop = () => over.abort();
  watcher.signal.addEventListener('abort', stop, { once: true });
  if (watcher.signal.aborted) stop();
  const { signal } = over;
  const ended = sessionEnd(connected, session, { ...watcher, signal });
  const closed = ended.finally(() => over.abort());
  const workers = watchWorkers(connected, { onNotice: watcher.onNotice, signal });
  const retries = watchRetries(connected, session.workflowId, { onNotice: watcher.onNotice, signal });
  let sessionId: number | null = null;
  const toItsEnd = async (): Promise<SessionEnd> => {
    const database = patience(watcher, steadyMs);
    const row = await database(() => sessionRow(connected, session, signal));
    sessionId = row?.id ?? null;
    if (row) await database(eventReader(connected, row.id, { watcher, signal, onSign: workers.seen }));
    return closed;
  };
  try {
    // A PostgreSQL that says nothing is waited for, but not by a person who wants to leave.
    const detached = aborted(watcher.signal).then((): SessionEnd => ({ kind: 'detached' }));
    const end = await Promise.race([toItsEnd(), detached]);
    return { end, sessionId };
  } finally {
    watcher.signal.removeEventListener('abort', stop);
    over.abort();
    await Promise.all([workers.stopped, retries]);
  }
}

/** How it goes with PostgreSQL meanwhile. */
interface Line {
  onConnect: () => void;
  onDisconnect: (error: DatabaseUnavailable) => void;
}

/** What is said while something waits for PostgreSQL. */
export const tryingAgain = ({ message }: DatabaseUnavailable): string =>
  `${message}. Trying again until it answers (Ctrl-C to stop)`;

/**
 * Does something for as long as PostgreSQL is away. Says so once for each outage; after an interrupt it resolves with null.
 */
function patience({ signal, onNotice }: Pick<Watcher, 'signal' | 'onNotice'>, steadyMs: number) {
  let told = false;
  let wellSince: number | null = null;
  const line: Line = {
    onConnect: () => void (wellSince ??= Date.now()),
    onDisconnect(error) {
      if (wellSince !== null && Date.now() - wellSince >= steadyMs) told = false;
      wellSince = null;
      if (!told) onNotice(tryingAgain(error));
      told = true;
    },
  };
  return async <T>(work: (line: Line) => Promise<T>): Promise<T | null> => {
    while (!signal.aborted) {
      try {
        return await work(line);
      } catch (error) {
        if (!(error instanceof DatabaseUnavailable)) throw error;
        line.onDisconnect(error);
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    return null;
  };
}

/** The session's row, which the worker writes once it has looked at project and repository. */
async function sessionRow(
  { db }: Connected,
  { workflowId, runId }: SessionRef,
  signal: AbortSignal,
): Promise<Session | null> {
  for (;;) {
    const over = signal.aborted;
    const row = await findSessionOfRun(db, workflowId, runId);
    if (row || over) return row;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Hands over the session's events to the last one. Called again it goes on where it was. */
function eventReader(
  { db }: Connected,
  sessionId: number,
  { watcher, signal, onSign }: { watcher: Watcher; signal: AbortSignal; onSign: () => void },
): (line: Line) => Promise<void> {
  let after = 0;
  const take = async (event: SessionEvent) => {
    // Nobody waits any more for what was on its way.
    if (watcher.signal.aborted) return;
    onSign();
    await watcher.onEvent(event);
    after = event.seq;
  };
  return async (line) => {
    await followEvents(db, { sessionId, after, onEvent: take, signal, ...line });
    // The workflow ends when its last event is written, not when it has been read.
    for (let more = true; more;) {
      const events = await listEvents(db, { sessionId, after, limit: PAGE });
      for (const event of events) await take(event);
      more = events.length === PAGE;
    }
  };
}
