import type { AgentOutcome } from '../contract/agent';
import { unknownLimitMs } from '../provider/usage-limits';
import type { CliLog } from './log';

/**
 * The same outcome, with a time where a limit of use holds the try and nobody says for how long: the longer, the more often
 * it did so in a row. That is put on record.
 */
export async function withLimitEnd(
  { entries, record }: Pick<CliLog, 'entries' | 'record'>,
  outcome: AgentOutcome,
): Promise<AgentOutcome> {
  if (outcome.kind !== 'held' || outcome.why !== 'limit' || outcome.forMs !== undefined) return outcome;
  const since = entries.slice(entries.findLastIndex(({ kind }) => kind === 'response') + 1);
  const times = since.filter(({ payload }) => isHold(payload)).length;
  await record({ kind: 'note', toolUseId: `limit-${entries.length}`, payload: { heldFor: outcome.reason } });
  return { ...outcome, forMs: unknownLimitMs(times) };
}

const isHold = (payload: unknown): boolean =>
  typeof payload === 'object' && payload !== null && 'heldFor' in payload;
