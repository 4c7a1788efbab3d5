import type { TranscriptEntry } from '../contract/agent';
import type { CliLog } from './log';

/** Puts on record that nobody knows what a model cost. Doing so again for the same turn changes nothing. */
export const recordUnpriced = (
  { record }: Pick<CliLog, 'record'>,
  model: string | null,
  { n = 0, usage = {} }: Partial<Pick<TranscriptEntry, 'n' | 'usage'>> = {},
): Promise<void> =>
  record({ n, kind: 'note', toolUseId: 'unpriced', payload: { unpriced: model }, usage, costNano: null });
