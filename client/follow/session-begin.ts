import type { EventType } from '../../domain/session/events';
import type { Connected } from '../cli/connect';
import type { SessionRef } from '../session/session';
import type { SessionEnd } from '../session/session-end';
import { followSession } from './follow';

/**
 * How far a session came in the time that was given to it. `preparing`: a worker looks at project and repository.
 * `waiting`: no worker has taken it. `silent`: Temporal took it, and does not answer any more.
 */
export type Beginning =
  | { kind: 'begun' | 'preparing' | 'waiting' | 'silent' }
  | {
      kind: 'ended';
      end: Exclude<SessionEnd, { kind: 'detached' }>;
      /** Null when it ended before it was opened in the database. */
      sessionId: number | null;
      worked: boolean;
    };

/** A session with nothing to do writes them as well. */
const NO_WORK: readonly EventType[] = ['session_started', 'session_complete'];
const QUESTION_LASTS_MS = 2_000;
/** The workflow's start, and the first task for a worker: Temporal writes them itself. */
const WRITTEN_AT_START = 2;

/** Waits until a session has work in hand, or has ended, but no longer than `withinMs`, or until `signal` aborts. */
export async function sessionBegin(
  connected: Connected,
  session: SessionRef,
  { withinMs, signal }: { withinMs: number; signal: AbortSignal },
): Promise<Beginning> {
  const enough = new AbortController();
  const stop = () => enough.abort();
  const timer = setTimeout(stop, withinMs);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let worked = false;
  const { end, sessionId } = await followSession(connected, session, {
    signal: enough.signal,
    onNotice: () => undefined,
    onEvent({ type }) {
      if (NO_WORK.includes(type)) return;
      worked = true;
      stop();
    },
  }).finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  });
  if (end.kind !== 'detached') return { kind: 'ended', end, sessionId, worked };
  if (worked) return { kind: 'begun' };
  if (sessionId !== null) return { kind: 'preparing' };
  const kind = await isTaken(connected, session).then(
    (taken) => (taken ? 'preparing' : 'waiting'),
    () => 'silent' as const,
  );
  return { kind };
}

async function isTaken({ client }: Connected, { handle }: SessionRef): Promise<boolean> {
  const deadline = Date.now() + QUESTION_LASTS_MS;
  const { historyLength } = await client.withDeadline(deadline, () => handle.describe());
  return historyLength > WRITTEN_AT_START;
}
