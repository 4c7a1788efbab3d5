import { setTimeout as sleep } from 'node:timers/promises';
import { getAttempt, type Attempt } from '../../db/task/attempts';
import type { Queryable } from '../../db/connection/connection';
import { DatabaseUnavailable } from '../../db/connection/errors';
import { getSession } from '../../db/session/sessions';
import { listTurns, type Turn } from '../../db/task/turns';
import { tryingAgain } from '../follow/follow';
import { firstLine } from '../text/units';

export interface TranscriptReader {
  onEntry: (entry: Turn) => void;
  /** One line for a person: the session is paused, PostgreSQL does not answer. */
  onNotice: (line: string) => void;
  /** Go on until the attempt ends. */
  follow: boolean;
  signal: AbortSignal;
}

const LOOK_MS = 1_000;

/** Hands over the entries of an attempt, each once and in order. @returns the attempt as it is after the last one */
export async function readTranscript(
  db: Queryable,
  attemptId: number,
  { onEntry, onNotice, follow, signal }: TranscriptReader,
): Promise<Attempt> {
  let attempt: Attempt | null = null;
  let after = 0;
  let notice = '';
  for (;;) {
    let next = '';
    try {
      // Before its entries: what was over then has no more of them.
      const now = await getAttempt(db, attemptId);
      for (const entry of await listTurns(db, attemptId, after)) {
        onEntry(entry);
        after = entry.position;
      }
      attempt = now;
      if (!follow || now.status !== 'running' || signal.aborted) return now;
      next = await pauseOf(db, now);
    } catch (error) {
      if (!follow || !attempt || !(error instanceof DatabaseUnavailable)) throw error;
      next = tryingAgain(error);
    }
    if (next && next !== notice) onNotice(next);
    notice = next;
    if (signal.aborted) return attempt;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function pauseOf(db: Queryable, { sessionId }: Attempt): Promise<string> {
  const { status, statusReason, project } = await getSession(db, sessionId);
  if (status !== 'paused') return '';
  return `the session is paused${statusReason ? `: ${firstLine(statusReason)}` : ''}; see yokeflow status --project ${project}`;
}
