import { redactValue } from '../agents/redact';
import type { Transcript, TranscriptEntry } from '../agents/agent';
import { listTurns, recordTurn } from '../db/turns';
import type { ActivityDependencies } from './dependencies';
import type { TryScope } from './try-scope';

/** The try's log in PostgreSQL. Every write carries the lease's token, so a superseded try cannot add to it. */
export function transcriptOf({ db, redact }: ActivityDependencies, { attempt, lease }: TryScope): Transcript {
  const place = { attemptId: attempt.id, token: lease.token };
  return {
    async load() {
      const turns = await listTurns(db, attempt.id);
      return turns.map(({ n, kind, toolUseId, payload }) => ({
        n,
        kind: kind as TranscriptEntry['kind'],
        payload,
        ...(toolUseId ? { toolUseId } : {}),
      }));
    },
    async record(entry) {
      await recordTurn(db, { ...place, ...entry, payload: redactValue(entry.payload, redact) });
    },
  };
}
