import { redactValue } from '../../agents/contract/redact';
import type { Transcript, TranscriptEntry } from '../../agents/contract/agent';
import { listTurns, recordTurn } from '../../db/task/turns';
import { announceCost } from './cost-news';
import type { ActivityDependencies } from '../scope/dependencies';
import type { TryScope } from '../scope/try-scope';

/** The try's log in PostgreSQL. Every write carries the lease's token, so a superseded try cannot add to it. */
export function transcriptOf(
  { db, redact }: ActivityDependencies,
  { attempt, lease, place: at }: TryScope,
): Transcript {
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
      const payload = redactValue(entry.payload, redact);
      const outcome = await recordTurn(db, { ...place, ...entry, payload });
      if (outcome === 'recorded' && entry.costNano) announceCost(db, at, attempt.taskId);
    },
  };
}
