import type { TokenUsage } from '../../domain/cost/token-usage';
import type { CliLog } from '../cli/log';
import type { TranscriptEntry } from '../contract/agent';
import type { ThreadUsage } from './events';
import { recordUnpriced } from '../cli/unpriced';

const COUNTS = ['input_tokens', 'cached_input_tokens', 'cache_write_input_tokens', 'output_tokens'] as const;
type Counts = Record<(typeof COUNTS)[number], number>;

/**
 * What a turn used. Codex counts from the beginning of the thread, over all runs, so that earlier counts on record
 * are taken off; a run that was killed is thus counted when the next one ends.
 */
export function usageSince(before: Counts | null, now: ThreadUsage): Counts {
  const entries = COUNTS.map((name) => [name, Math.max(now[name] - (before?.[name] ?? 0), 0)]);
  return Object.fromEntries(entries) as Counts;
}

/** The last count of the thread that is on record. */
export function countedBefore({ entries, session }: Pick<CliLog, 'entries' | 'session'>): Counts | null {
  const thread = session();
  const last = entries.findLast(({ payload }) => isCount(payload) && payload.thread === thread);
  return last ? (last.payload as ThreadCount).threadUsage : null;
}

/** In the payload of the entry that ends a run. */
export interface ThreadCount {
  thread: string | null;
  threadUsage: Counts;
}

const isCount = (payload: unknown): payload is ThreadCount =>
  typeof payload === 'object' && payload !== null && 'threadUsage' in payload;

/** Its input counts what came from the cache, and what went there, too. */
export const tokensOf = (counts: Counts): TokenUsage => ({
  input: Math.max(counts.input_tokens - counts.cached_input_tokens - counts.cache_write_input_tokens, 0),
  output: counts.output_tokens,
  cacheWrite5m: counts.cache_write_input_tokens,
  cacheWrite1h: 0,
  cacheRead: counts.cached_input_tokens,
});

/** What came after the last count nobody may ever hear of. */
export async function recordUnknownCost(
  log: Pick<CliLog, 'entries' | 'record'>,
  model: string | null,
): Promise<void> {
  const { entries } = log;
  const counted = entries.findLastIndex(({ payload }) => isCount(payload));
  if (entries.slice(counted + 1).some(isWork)) await recordUnpriced(log, model);
}

const WORK = new Set<TranscriptEntry['kind']>(['begin', 'result', 'response']);

const isWork = ({ kind, payload }: TranscriptEntry): boolean =>
  WORK.has(kind) || (payload as { type?: unknown } | null)?.type === 'reasoning';
